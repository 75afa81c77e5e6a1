#!/bin/sh
# Parts of a message's way, alone, with what they allocate: bench/jmh.sh [REGEX [OPTIONS]], where JMH's own options
# replace those for time and repeats here.
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$bench")
out=${OUT:-$HOME/.cache/parley-bench}
. "$root/scripts/jdk25.sh"
jdk25_find || exit 2
regex=${1:-.*}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- -f 1 -w 1 -wi 3 -r 1 -i 5

"$root/parley" --version >/dev/null
mkdir -p "$out" "$bench/results" "$HOME/.cache/parley-bench"
jdk25_build "$out/jmh.log" "$bench" -f "$bench/jmh/pom.xml" "-Dbench.out=$out" package

# The lock is the one of run.py: one measurement at a time on this machine.
exec flock "$HOME/.cache/parley-bench/lock" taskset -c 0,1 "$JAVA_HOME/bin/java" \
    --sun-misc-unsafe-memory-access=allow -cp "$out/jmh/classes:$out/jmh/lib/*:$root/cli/target/lib/*" \
    org.openjdk.jmh.Main -prof gc -jvmArgs "-XX:+UseSerialGC -Xms256m -Xmx512m" \
    -rf json -rff "$bench/results/jmh.json" "$@" "$regex"
