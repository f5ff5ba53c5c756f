# The release build, one loop: the server under test, alone on its core like every peer.
SUB='http://127.0.0.1:8090/bench/stream?topic=bench/%d'; PUB=http://127.0.0.1:8090/internal/v1/events
PUB_HEADERS=('Content-Type: application/json')
PUB_BODY='{"topic":"bench/%d","kind":"bench","payload":{"data":"%P"}}'
start() {
    # bash, so that the descriptor limit holds for the counted process alone
    bg bash -c "ulimit -n 20000; exec '${TANDEM:?the path of the release build}' serve --bench --port 8090 --loops 1 --log-level warning --data '$DIR/data'"
    wait_port 8090
}
