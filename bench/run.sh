#!/bin/sh
# Builds what is measured, measures it beside its peers, and prints what is reached. All options: bench/run.sh --help
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
. "$bench/../scripts/jdk25.sh"
jdk25_find || exit 2
case " $* " in
    *" --help "* | *" -h "* | *" --report"*) ;;
    *) "$bench/build.sh" ;;
esac
exec python3 "$bench/run.py" "$@"
