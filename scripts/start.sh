# Sourced by the launchers: by ./parley of a checkout, and by those in the packages. What a JVM needs from its shell.

# What keeps the command itself from running; the statuses of README's table say nothing about servers here.
fail() {
    if command -v jdk25_end_progress >/dev/null 2>&1; then jdk25_end_progress; fi
    for sentence in "$@"; do echo "parley: $sentence" >&2; done
    exit 2
}

# Makes the process ready to become a JVM that runs the command of these arguments.
start_prepare() { # ARGUMENTS...
    # A signal that comes while this script waits for a command of its own would be lost if that command ends well.
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM

    start_take_socket

    # The JVM opens its own files in the lowest free descriptors: a standard stream that came closed would be one of them.
    # Each is filled with one that cannot be used the way it is meant to be, so that its use is an error, as it should be.
    { command true 3<&0; } 2>/dev/null || exec 0>/dev/null
    { command true 3>&1; } 2>/dev/null || exec 1</dev/null
    command true 3>&2 || exec 2</dev/null

    # A JVM does not start well in a directory that was removed.
    [ -d "${PWD:-/}" ] || fail "the current directory is gone; change to one that is there."

    start_find_command "$@"
    start_choose_charset "$start_command"
}

# The word of the command: the first one that is neither an option nor the value of one.
start_find_command() { # ARGUMENTS...
    start_command=
    while [ $# -gt 0 ]; do
        case $1 in
            --color) if [ $# -gt 1 ]; then shift; fi ;;
            -*) ;;
            *)
                start_command=$1
                return 0
                ;;
        esac
        shift
    done
}

# systemd hands over its sockets from descriptor 3 on (sd_listen_fds(3)); Java can take over descriptor 0 alone.
start_take_socket() {
    if [ "${LISTEN_PID:-}" = $$ ]; then
        case ${LISTEN_FDS:-0} in
            0) ;;
            1)
                (: <&3) 2>/dev/null || fail "LISTEN_FDS says that a socket is handed over, but descriptor 3 is not open."
                exec <&3 3<&-
                ;;
            *) fail "systemd hands over $LISTEN_FDS sockets; one is supported: make it one ListenStream= and one unit each." ;;
        esac
        unset LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
    fi
}

# The JVM reads arguments and file names in the character set of the locale; in the C locale it would lose all but
# ASCII. Results are UTF-8 always. What the system says of errors then comes in English, unless LANGUAGE names another
# language; the command finds out the words that it looks for. A program of the user's keeps the user's locale, in which
# it formats dates and numbers.
# Lines and arrows are drawn with what the locale has; if none is set, nothing says that it lacks any.
start_choose_charset() { # COMMAND
    unicode=true
    case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
        "") export LC_ALL=C.UTF-8 ;;
        *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8)
            if [ "$1" != run ] || [ "$(locale charmap 2>/dev/null)" != UTF-8 ]; then export LC_ALL=C.UTF-8; fi
            ;;
        C | POSIX) unicode=false; export LC_ALL=C.UTF-8 ;;
        *)
            charmap=$(locale charmap 2>/dev/null) || charmap=
            if [ "$charmap" != UTF-8 ]; then unicode=false; fi
            if [ "$charmap" = ANSI_X3.4-1968 ]; then export LC_ALL=C.UTF-8; fi # not installed
            ;;
    esac
}

# "rows columns" of the terminal that a descriptor is; 0 columns where it does not tell.
columns_of() {
    size=$(stty size 2>/dev/null) || size=
    echo "${size#* }"
}

# Whether the output is a terminal, and how wide it is.
start_measure_terminal() {
    terminal=false terminal_err=false columns=0
    if [ -t 2 ]; then terminal_err=true; columns=$(columns_of <&2); fi
    if [ -t 1 ]; then
        terminal=true
        { columns=$(columns_of <&3); } 3<&1 # inside $( ) the output is another; the user's own 3 comes back after it
    fi
}

# Options of the JVM, a word each, where quotes and backslashes mean what they mean to a shell, and nothing else does.
# What they make the JVM say goes to standard error as well, and its debugger says nothing.
start_read_options() {
    options=
    if [ -n "${PARLEY_JAVA_OPTS:-}" ]; then
        options=$(printf '%s\n' "$PARLEY_JAVA_OPTS" | xargs -n 1 printf '%s\n' 2>/dev/null) ||
            fail "PARLEY_JAVA_OPTS has a quote without the one that ends it: $PARLEY_JAVA_OPTS"
        options=$(printf '%s\n' "$options" | sed -e 's/^-verbose:gc$/-Xlog:gc/' -e 's/^-Xlog$/-Xlog:all=info/' \
            -e '/^-Xlog:disable$/!s/^-Xlog:[^:]*$/&:stderr/' \
            -e '/quiet=/!s/^-\(agentlib:\|Xrun\)jdwp[=:].*/&,quiet=y/')
    fi
}

# Becomes the JVM. A server needs no more than the serial collector, unless the user names another. A command that starts
# or ends soon is slowed by the compilers, which want its cores as well: they wait four times as long for a method to
# prove busy. Results alone are on standard output: what the JVM says itself goes to standard error, and no report says
# that a cache does not fit, since the command runs without it. io_uring needs native access, and its module alone gets it.
start_java() { # JAVA ARGUMENTS...
    local java=$1 collector=-XX:+UseSerialGC
    shift
    case " ${PARLEY_JAVA_OPTS:-} ${JDK_JAVA_OPTIONS:-} ${JAVA_TOOL_OPTIONS:-} ${_JAVA_OPTIONS:-} " in
        *-XX:+Use*GC[!A-Za-z]*) collector= ;;
    esac
    exec "$java" ${collector:+"$collector"} -XX:CompileThresholdScaling=4 -XX:+DisplayVMOutputToStderr \
        -Xlog:disable -Xlog:all=warning:stderr -Xlog:aot*=off:stderr -Xlog:jfr+startup=error:stderr \
        --enable-native-access=dev.parley.uring "$@"
}
