# Sourced by ./parley and ./check: finds a JDK 25 or newer and sets JAVA_HOME to it, or says what is missing.

jdk25_fits() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    local version
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    [ "${version:-0}" -ge 25 ]
}

jdk25_of_path() {
    local javac
    javac=$(command -v javac) || return 1
    # The real place of a javac that is reached through links, on Linux and macOS alike.
    while [ -L "$javac" ]; do
        local target
        target=$(readlink "$javac")
        case $target in
            /*) javac=$target ;;
            *) javac=$(dirname "$javac")/$target ;;
        esac
    done
    (cd "$(dirname "$javac")/.." && pwd -P)
}

jdk25_find() {
    local home
    for home in "${JAVA_HOME:-}" "$(jdk25_of_path)" \
        /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        if [ -n "$home" ] && jdk25_fits "$home"; then
            JAVA_HOME=$home
            export JAVA_HOME
            return 0
        fi
    done
    echo "parley: no JDK 25 found (looked at JAVA_HOME, PATH, the usual places and SDKMAN)." >&2
    echo "parley: install one, such as Temurin 25 from adoptium.net, or set JAVA_HOME to it." >&2
    return 1
}

# Becomes Maven, which itself runs on that JDK, so that the formatter understands the language. Maven's own libraries
# use sun.misc.Unsafe, and the JDK would warn of it in every build. Maven tells warnings and errors alone: with -q it
# would keep the compiler's warnings to itself, and they are what ends our build. A build is over before the JVM's second
# compiler has paid for itself: without it, and with the collector for one processor, it takes a third less time.
jdk25_exec_maven() {
    if ! command -v mvn >/dev/null 2>&1; then
        echo "parley: Maven is not installed; install it (Debian: apt-get install maven," \
            "macOS: brew install maven)." >&2
        return 1
    fi
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED \
-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn ${MAVEN_OPTS:-}"
    export MAVEN_OPTS
    # Maven knows MAVEN_ARGS from 3.9 on; here it counts for older ones too. Words, so unquoted.
    arguments=${MAVEN_ARGS:-}
    unset MAVEN_ARGS
    exec mvn $arguments "$@"
}

# Ends this script at a signal, after what is given.
jdk25_at_signals() { # COMMANDS
    trap "$1; exit 129" HUP
    trap "$1; exit 130" INT
    trap "$1; exit 143" TERM
}

# Begins to redraw a line, if standard error is a terminal that can: for how long the work has run, and what it does: what
# is given, or the module and the goal that a log of Maven's has reached.
jdk25_progress=
jdk25_begin_progress() { # LOG WORDS
    if [ ! -t 2 ] || [ "${TERM:-dumb}" = dumb ]; then return 0; fi
    jdk25_redraw "$1" "$2" 9>&- </dev/null >/dev/null &
    jdk25_progress=$!
    jdk25_at_signals jdk25_end_progress
}

# Ends it, and erases the line. Where there is none, its process may be another by now.
jdk25_end_progress() {
    if [ -n "$jdk25_progress" ]; then
        kill -TERM "$jdk25_progress" 2>/dev/null && wait "$jdk25_progress" || true
        jdk25_progress=
    fi
}

# It ends by itself if this script was killed, and then erases nothing: the shell has written its prompt there.
jdk25_redraw() {
    local seconds=0 at
    trap 'printf "\r\033[K" >&2; exit 0' TERM
    while :; do
        sleep 1 >/dev/null 2>&1 &
        wait $!
        kill -0 $$ 2>/dev/null || return 0
        seconds=$((seconds + 1))
        at=$(sed -n 's/^\[INFO] --- [^ ]*:\([^: ]*\) .*@ \([^ ]*\) ---$/\2: \1/p' "$1" 2>/dev/null | tail -n 1)
        printf '\r\033[K%.70s' "$seconds s  ${at:-$2}" >&2
    done
}

# Ends the build when this script is ended; Maven would go on alone.
jdk25_stop() {
    trap '' HUP INT TERM
    jdk25_end_progress
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# Runs Maven in a directory, $2, with what it says kept in a file, $1; its status is Maven's. In the background, so that a
# signal is heard at once.
jdk25_maven() {
    local log=$1 directory=$2 maven status=0
    shift 2
    : >"$log"
    jdk25_begin_progress "$log" "Maven starts"
    (
        cd "$directory"
        MAVEN_OPTS="-Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.event.ExecutionEventLogger=info ${MAVEN_OPTS:-}"
        jdk25_exec_maven -B -ntp -Dstyle.color=never "$@" </dev/null >"$log" 2>&1
    ) &
    maven=$!
    jdk25_at_signals "jdk25_stop $maven"
    wait "$maven" || status=$?
    jdk25_at_signals jdk25_end_progress
    jdk25_end_progress
    return "$status"
}

# Runs Maven as jdk25_maven does; where it fails, jdk25_explain says why and gives the status.
jdk25_build() {
    jdk25_maven "$@" || jdk25_explain "$1"
}

# Tells why a build failed: 3 where something could not be fetched, with one sentence instead of Maven's many, and 2 for
# anything else, with all that Maven said.
jdk25_explain() {
    local missing
    if grep -q '^parley: Maven is not installed' "$1"; then
        cat "$1" >&2
        return 2
    fi
    missing=$(sed -n 's/.*\(Could not transfer\|Could not find\|Cannot access .* in offline mode and the\) artifact \([^ ]*:[^ ]*\).*/\2/p
        s/.*Plugin \([^ ]*:[^ ]*\) or one of its dependencies could not be resolved.*/\1/p' "$1" | head -n 1)
    case $missing in
        "")
            # After the compiler's or the tests' own words, Maven's only say the same again. The steps are for progress.
            if grep -q 'COMPILATION ERROR\|Tests run:' "$1"; then
                sed '/Failed to execute goal/,$d' "$1"
            else
                cat "$1"
            fi | sed "s/$(printf '\033')\[[0-9;]*m//g" | grep -v '^\[INFO]' >&2
            echo "parley: the build failed; see above." >&2
            return 2
            ;;
        dev.parley:*)
            echo "parley: the build needs $missing, which is not in the local Maven repository;" \
                "'parley install' puts it there." >&2
            ;;
        *)
            echo "parley: the build needs $missing and could not fetch it; is there a network?" \
                "Maven's words are in $1" >&2
            ;;
    esac
    return 3
}
