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

# Runs Maven with what it says kept in a file, $1; where it fails, jdk25_explain says why and gives the status.
jdk25_build() {
    local log=$1
    shift
    (jdk25_exec_maven -B -ntp -Dstyle.color=never "$@" </dev/null >"$log" 2>&1) || jdk25_explain "$log"
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
            # After the compiler's or the tests' own words, Maven's only say the same again.
            if grep -q 'COMPILATION ERROR\|Tests run:' "$1"; then
                sed '/Failed to execute goal/,$d' "$1"
            else
                cat "$1"
            fi | sed "s/$(printf '\033')\[[0-9;]*m//g" >&2
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
