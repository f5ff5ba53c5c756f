# lib.sh - sourced by run.sh. Everything runs on 127.0.0.1; only processes started here are ended, by pid.
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=${WORK:-${TMPDIR:-/tmp}/fanout-bench}            # built binaries, venv, logs
VENV=${VENV:-$WORK/venv}
SERVER_CPU=${SERVER_CPU:-0}
CLIENT_CPU=${CLIENT_CPU:-1}
ALL_PIDS=(); SRV_PIDS=()

build() {
    mkdir -p "$WORK"
    local f
    for f in fan floor; do
        [ "$WORK/$f" -nt "$BENCH/$f.c" ] && [ "$WORK/$f" -nt "$BENCH/pub.h" ] && [ "$WORK/$f" -nt "$BENCH/measure.h" ] || gcc -O2 -Wall -o "$WORK/$f" "$BENCH/$f.c" || exit 1
    done
}
# server process, counted, on the server CPU
bg() { taskset -c "$SERVER_CPU" "$@" >>"$DIR/out.log" 2>&1 & SRV_PIDS+=($!); ALL_PIDS+=($!); }
# helper process, not counted, on the client CPU
aux() { taskset -c "$CLIENT_CPU" "$@" >>"$DIR/out.log" 2>&1 & ALL_PIDS+=($!); }
wait_port() { # port [seconds]
    local i
    for ((i = 0; i < ${2:-15} * 20; i++)); do
        (exec 3<>/dev/tcp/127.0.0.1/"$1") 2>/dev/null && return 0
        sleep 0.05
    done
    echo "nothing listens on $1" >&2; tail -5 "$DIR/out.log" >&2; return 1
}
tree() { # pids -> them and their descendants
    python3 - "$@" <<'P'
import os, sys
par = {}
for d in os.listdir('/proc'):
    if d.isdigit():
        try: par.setdefault(int(open(f'/proc/{d}/stat').read().rsplit(')', 1)[1].split()[1]), []).append(int(d))
        except OSError: pass
out, todo = [], [int(a) for a in sys.argv[1:]]
while todo:
    p = todo.pop(0)
    if os.path.exists(f'/proc/{p}') and p not in out:
        out.append(p); todo += par.get(p, [])
print(*out)
P
}
stop_all() {
    [ ${#ALL_PIDS[@]} -eq 0 ] && return
    local t p i left
    t=$(tree "${ALL_PIDS[@]}")
    for p in $t; do kill -TERM "$p" 2>/dev/null; done
    for ((i = 0; i < 60; i++)); do
        left=0; for p in $t; do kill -0 "$p" 2>/dev/null && left=1; done
        [ $left = 0 ] && break; sleep 0.05
    done
    for p in $t; do kill -KILL "$p" 2>/dev/null; done
    wait "${ALL_PIDS[@]}" 2>/dev/null
    ALL_PIDS=(); SRV_PIDS=()
}
# waits (at most QUIET seconds) until the rest of the machine is mostly idle
quiet() {
    python3 - "${QUIET:-40}" <<'P'
import sys, time
def rd():
    r = {}
    for l in open('/proc/stat'):
        if l.startswith('cpu') and l[3].isdigit():
            v = [int(x) for x in l.split()[1:9]]; r[l.split()[0]] = (sum(v), v[3] + v[4])
    return r
end = time.time() + float(sys.argv[1])
a = rd()
while time.time() < end:
    time.sleep(0.7); b = rd()
    worst = max(1 - (b[c][1] - a[c][1]) / max(1, b[c][0] - a[c][0]) for c in b)
    if worst < 0.2: break
    a = b
P
}
# calibration: the floor's cost per message right now (the host, not only this machine, is shared: the same code
# costs 3.4 to 5 us per message from one moment to the next). Sets CAL; tries again while the cost is above CAL_MAX.
cal() {
    local i p best=
    CAL=0
    [ "${CAL_TRIES:-5}" -gt 0 ] || return
    DIR=$WORK/run/cal; mkdir -p "$DIR"; : >"$DIR/out.log"
    for ((i = 0; i < ${CAL_TRIES:-5}; i++)); do
        taskset -c "$SERVER_CPU" "$WORK/floor" 8099 & p=$!
        wait_port 8099
        CAL=$(taskset -c "$CLIENT_CPU" "$WORK/fan" --sub http://127.0.0.1:8099/sub/%d --pub http://127.0.0.1:8099/pub/%d --conns 1000 --k 2 --window 2 \
            --warm 0.2 --secs 1.2 --settle 0.1 --spin --pids $p 2>/dev/null | python3 -c 'import json,sys; print(json.load(sys.stdin).get("cpu_us_per_msg",0))')
        kill $p; wait $p 2>/dev/null
        python3 -c "import sys; sys.exit(not 0 < $CAL <= ${CAL_MAX:-3.8})" && break
        sleep 1
    done
}
