# Sourced by ./check: builds the public API that this commit is compared with, once for each baseline.

api_modules="net uring messages nats testkit"

# Sets api_baseline to the directory of the jars that packaging/api-baseline names; to nothing, and says why, if they
# cannot be had: a shallow clone and an archive of the source have no history. Fails if they do not build.
api_baseline_find() {
    api_baseline=
    local commit place
    commit=$(grep -v '^#' packaging/api-baseline)
    if ! git rev-parse -q --verify "$commit^{commit}" >/dev/null 2>&1; then
        echo "check: the public API is not compared: the history here does not have the commit $commit."
        return
    fi
    place=$PWD/target/api/$commit
    if [ ! -f "$place/parley-${api_modules##* }.jar" ]; then
        rm -rf "$PWD/target/api"
        mkdir -p "$place/source"
        echo "check: building the public API of $commit, to compare it ..."
        if ! api_baseline_build "$commit" "$place" >"$place/log" 2>&1; then
            tail -n 20 "$place/log"
            echo "check: the public API cannot be compared: the commit $commit does not build here; see $place/log." >&2
            return 1
        fi
    fi
    api_baseline=$place
}

api_baseline_build() {
    local module
    git archive "$1" | tar -x -C "$2/source" || return 1
    (cd "$2/source" && jdk25_exec_maven -B -ntp -Plauncher -pl "${api_modules// /,}" compile) || return 1
    for module in $api_modules; do
        "$JAVA_HOME/bin/jar" --create --file "$2/parley-$module.jar" -C "$2/source/$module/target/launcher-classes" . \
            || return 1
    done
    rm -rf "$2/source"
}
