#!/bin/sh
# Coverage-guided fuzzing with Jazzer for that many minutes in all: bench/fuzz.sh MINUTES [TARGET]. Without a target the
# time is shared by all; a finding ends its target's turn. Inputs that reach new code, and findings, are kept in
# OUT/fuzz, where OUT is $HOME/.cache/parley-bench if it is not set.
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$bench")
out=${OUT:-$HOME/.cache/parley-bench}
. "$root/scripts/jdk25.sh"
jdk25_find || exit 2
fuzz=$out/fuzz
main=dev.parley.tests.fuzz.Fuzzing

usage() {
    echo "usage: bench/fuzz.sh MINUTES [TARGET]" >&2
    exit 2
}

case ${1:-} in
    "" | 0 | *[!0-9]*) usage ;;
esac

mkdir -p "$fuzz"
jdk25_build "$fuzz/build.log" "$root" -f "$root/pom.xml" -pl tests -am test-compile
jdk25_build "$fuzz/engine.log" "$bench" -f "$bench/fuzz/pom.xml" "-Dbench.out=$out" package
classes=$root/net/target/classes:$root/messages/target/classes:$root/tests/target/test-classes:$fuzz/lib/*

targets=$("$JAVA_HOME/bin/java" -cp "$classes" $main targets)
if [ $# -gt 1 ]; then
    echo "$targets" | grep -qx -- "$2" || {
        echo "fuzz: no target '$2'; there are" $targets >&2
        exit 2
    }
    targets=$2
fi
# shellcheck disable=SC2086 # several words
seconds=$(($1 * 60 / $(echo $targets | wc -w)))

# The engine adds to the first directory and only reads the second. It is guided by our code, not by that of the tests.
run() {
    target=$1
    mkdir -p "$fuzz/$target/corpus" "$fuzz/$target/findings"
    rm -rf "$fuzz/$target/seeds"
    mkdir "$fuzz/$target/seeds"
    "$JAVA_HOME/bin/java" -cp "$classes" $main seeds "$target" "$fuzz/$target/seeds"
    nice -n 19 timeout $((seconds + 120)) "$JAVA_HOME/bin/java" -Xmx768m -XX:+EnableDynamicAgentLoading \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow "-Dparley.fuzz.target=$target" \
        -cp "$classes" com.code_intelligence.jazzer.Jazzer --target_class=$main \
        '--instrumentation_includes=dev.parley.**' '--instrumentation_excludes=dev.parley.tests.**' \
        "--reproducer_path=$fuzz/$target" -max_total_time=$seconds -timeout=20 -max_len=4096 \
        "-dict=$fuzz/words" "-artifact_prefix=$fuzz/$target/findings/" \
        "$fuzz/$target/corpus" "$fuzz/$target/seeds" >"$fuzz/$target/log" 2>&1 || true
    sed -n "s/^\(Done .*\)/$target: \1/p; s/^== Java Exception: \(.*\)/$target: \1/p" "$fuzz/$target/log"
    grep -q '^Done ' "$fuzz/$target/log" || echo "$target: ended early; see $fuzz/$target/log"
}

tell() {
    for finding in "$fuzz/$1/findings"/*; do
        [ -f "$finding" ] || continue
        found=1
        echo "found: $finding; to make it a regression, add this line to" \
            "tests/src/test/resources/dev/parley/tests/fuzz/$1.txt, mend, and remove the file:"
        "$JAVA_HOME/bin/java" -cp "$classes" $main line "$finding"
    done
}

found=0
"$JAVA_HOME/bin/java" -cp "$classes" $main words "$fuzz/words"
for each in $targets; do
    run "$each"
done
for each in $targets; do
    tell "$each"
done
exit $found
