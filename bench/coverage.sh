#!/bin/sh
# Which branches of the parsers the tests of their own module reach, by JaCoCo, and whether that is 95% of each class:
# the rule is in the profile "coverage" of pom.xml. The pages with every line are in target/site/jacoco of each module.
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$bench")
. "$root/scripts/jdk25.sh"
jdk25_find || exit 2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
jdk25_build "$log" "$root" -f "$root/pom.xml" -Pcoverage -Djacoco.haltOnFailure=false -pl net,messages verify

# Columns of the report: the package, the class, and branches missed and reached.
for module in net messages; do
    awk -F, '$2 ~ /^dev\.parley\.(frame|json|names|memory)$/ || $3 ~ /^(Address.*|ForeignProtocol|SafeText|IpText)$/ {
        all = $6 + $7
        if (all > 0) printf "%-28s %4d of %4d branches %6.1f%%\n", $3, $7, all, 100 * $7 / all
    }' "$root/$module/target/site/jacoco/jacoco.csv" | sort
done

# Not before everything is measured.
if grep 'Rule violated' "$log"; then
    exit 1
fi
