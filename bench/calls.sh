#!/bin/sh
# The client at scale: how many calls one loop makes, and what each costs it. bench/calls.sh [ROUNDS [SECONDS]]
# The server and the client are two processes on one core each; transports and points take turns in each round, and the
# table has the medians of the rounds. KINDS="raw typed": what calls are made of; POINTS="50x16": CONNECTIONSxDEPTH;
# SIZES="1024 65536": with contents of so many bytes, a text that the server sends back, and not with a search.
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$bench")
out=${OUT:-$HOME/.cache/parley-bench}
. "$root/scripts/jdk25.sh"
jdk25_find || exit 2
rounds=${1:-3}
seconds=${2:-4}
sizes=${SIZES:-}
if [ -n "$sizes" ]; then
    points=${POINTS:-4x1}
    kinds=${KINDS:-raw typed}
    server_words="ContentServer typed-loop"
else
    points=${POINTS:-50x16 10000x1}
    kinds=${KINDS:-raw}
    server_words="SearchServer raw-loop"
fi
options="-XX:+UseSerialGC -Xms256m -Xmx512m --enable-native-access=ALL-UNNAMED"

"$root/parley" --version >/dev/null
mkdir -p "$out/app" "$bench/results" "$HOME/.cache/parley-bench"
parley="$root/cli/target/lib/*"
"$JAVA_HOME/bin/javac" -Xlint:all,-path -d "$out/app" -cp "$parley" "$bench"/app/*.java
# The lock is the one of run.py: one measurement at a time on this machine.
exec 9>>"$HOME/.cache/parley-bench/lock"
flock 9

server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

# A server for one transport on a free port; sets server and port.
start_server() {
    # shellcheck disable=SC2086 # several words
    taskset -c 0 "$JAVA_HOME/bin/java" $options -cp "$out/app:$parley" "${server_words% *}" 0 "$1" "${server_words#* }" \
        >"$out/calls-server.log" 2>&1 9>&- &
    server=$!
    port=
    for _ in $(seq 100); do
        port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$out/calls-server.log")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    echo "bench: the server did not start; see $out/calls-server.log" >&2
    exit 1
}

: >"$out/calls.tsv"
for round in $(seq "$rounds"); do
    for point in $points; do
        for size in ${sizes:-none}; do
            for kind in $kinds; do
                for transport in nio io_uring; do
                    start_server "$transport"
                    set -- "$port" "$transport" "$kind" "${point%x*}" "${point#*x}" "$seconds"
                    [ "$size" = none ] || set -- "$@" "$size"
                    # shellcheck disable=SC2086 # several words
                    line=$(taskset -c 1 "$JAVA_HOME/bin/java" $options -cp "$out/app:$parley" CallLoad "$@" 9>&-)
                    kill "$server"
                    wait "$server" 2>/dev/null || true
                    server=
                    echo "$line" | tee -a "$out/calls.tsv" | sed "s/^/round $round: /" >&2
                done
            done
        done
    done
done

python3 - "$out/calls.tsv" "$bench/results/calls.md" <<'PYTHON'
import statistics
import sys

runs = {}
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        transport, kind, point, *figures = line.split("\t")
        runs.setdefault((point, transport, kind), []).append([float(figure) for figure in figures])
rows = ["| point | transport | calls | calls/s | client CPU µs a call | of it the loop | client core % | failures |",
        "|---|---|---|---:|---:|---:|---:|---:|"]
for (point, transport, kind), figures in runs.items():
    rate, cpu, loop, core, _ = (statistics.median(column) for column in zip(*figures))
    failures = sum(figure[-1] for figure in figures)
    rows.append(f"| {point} | {transport} | {kind} | {rate / 1e3:.0f} k | {cpu:.2f} | {loop:.2f} | {core:.0f}"
                f" | {failures:.0f} |")
table = "\n".join(rows)
print(table)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(table + "\n")
PYTHON
