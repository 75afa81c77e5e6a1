#!/bin/sh
# Puts the library and the test kit into the local Maven repository, for projects of one's own; 'parley install'. With
# --javadoc, the jars with the Javadoc as pages too, which takes longer, and needs one more plugin of Maven.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd -P)
. "$here/scripts/jdk25.sh"
jdk25_find || exit 2

# One build at a time in one checkout, as in the launcher.
target=$here/cli/target
if ! mkdir -p "$target" 2>/dev/null || [ ! -w "$target" ]; then
    echo "parley: $target may not be written; let a user install it who may write there." >&2
    exit 2
fi
javadoc=
if [ "${1:-}" = --javadoc ]; then javadoc=,javadoc; fi
exec 9>"$target/launcher.lock"
if command -v flock >/dev/null 2>&1; then flock 9; fi
jdk25_build "$target/install.log" "$here" -pl net,uring,messages,nats,testkit -am "-Plauncher,sources$javadoc" -Djavadoc.failOnWarnings=false install
