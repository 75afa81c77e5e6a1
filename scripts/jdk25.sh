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
# use sun.misc.Unsafe, and the JDK would warn of it in every build.
jdk25_exec_maven() {
    if ! command -v mvn >/dev/null 2>&1; then
        echo "parley: Maven is not installed; install it (Debian: apt-get install maven, macOS: brew install maven)." >&2
        return 1
    fi
    MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}"
    export MAVEN_OPTS
    exec mvn "$@"
}
