#!/bin/sh
# Makes the packages; 'parley package'. Each is the same to the bit wherever and whenever it is made of the same source:
# the source is copied and built apart from the checkout, and every file gets the time that the POM names.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd -P)
. "$here/scripts/jdk25.sh"
for part in tools stage legal image deb zip maven; do . "$here/packaging/scripts/$part.sh"; done
jdk25_find || exit 2

out=$here/target/packages
if [ "${1:-}" = --out ]; then
    out=$2
    shift 2
fi
kinds="${*:-image deb zip maven}"
check_tools $kinds

case $out in /*) ;; *) out=$PWD/$out ;; esac
refuse_colon() {
    case $out in *:*) ;; *) return ;; esac
    echo "parley: Java cannot build in '$out', a path with a colon in it; choose another directory." >&2
    exit 2
}
refuse_colon # before the directory is made

# One build at a time in one directory.
mkdir -p "$out" 2>/dev/null && [ -w "$out" ] || { echo "parley: $out may not be written." >&2; exit 2; }
out=$(cd "$out" && pwd -P)
refuse_colon # behind a link
exec 9>"$out/.lock"
if command -v flock >/dev/null 2>&1; then
    flock 9
    rm -rf "$out"/.parley-package-* # of runs that were killed
fi

umask 022
version=$(sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$here/pom.xml" | head -n 1)
SOURCE_DATE_EPOCH=$(date -u -d "$(sed -n 's/.*<project.build.outputTimestamp>\(.*\)<.*/\1/p' "$here/pom.xml")" +%s)
export SOURCE_DATE_EPOCH
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ

if [ -e "$out/SHA256SUMS" ] && grep -qv '  parley[-_]' "$out/SHA256SUMS"; then
    echo "parley: $out/SHA256SUMS is not of Parley's packages; choose another directory." >&2
    exit 2
fi
work=$(mktemp -d "$out/.parley-package-XXXXXX")
trap 'rm -rf "$work"' EXIT
jdk25_at_signals jdk25_end_progress # without a trap for the signal, this shell would not run the one above

stage_build
for kind in $kinds; do
    echo "parley: making the $kind ..." >&2
    "make_$kind"
done
# Of this version alone: others may lie beside them.
(cd "$out" && find . -maxdepth 1 -type f \( -name "parley-$version.zip" -o -name "parley-$version-linux-*" -o \
    -name "parley-$version-maven.zip" -o -name "parley_$(deb_version)_*" \) -printf '%P\n' |
    sort | xargs -r -d '\n' sha256sum) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$out/SHA256SUMS"
