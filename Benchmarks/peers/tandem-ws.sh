# The same over WebSockets.
MODE=ws
. "$BENCH/peers/tandem.sh"
