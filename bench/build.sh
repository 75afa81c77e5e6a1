#!/bin/sh
# Builds the load generator, the peers and our servers into OUT ($HOME/.cache/parley-bench where it is not set), and
# Parley itself into the checkout. Installs the Debian packages that are missing, where it runs as root.
set -eu
bench=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$bench")
out=${OUT:-$HOME/.cache/parley-bench}
. "$root/scripts/jdk25.sh"
jdk25_find || exit 2

say() {
    echo "bench: $*" >&2
}

# liburing is a header and a library: pkg-config is not there for certain, so the compiler is asked.
has_liburing() {
    command -v gcc >/dev/null 2>&1 && echo '#include <liburing.h>' | gcc -E -x c - >/dev/null 2>&1
}

has_openssl() {
    command -v gcc >/dev/null 2>&1 && echo '#include <openssl/ssl.h>' | gcc -E -x c - >/dev/null 2>&1
}

has_simdjson() {
    command -v g++ >/dev/null 2>&1 && echo '#include <simdjson.h>' | g++ -E -x c++ - >/dev/null 2>&1
}

install_what_is_missing() {
    missing=
    for pair in gcc:gcc g++:g++ go:golang-go redis-server:redis-server haproxy:haproxy openssl:openssl \
        h2load:nghttp2-client python3:python3 mvn:maven; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
    done
    has_liburing || missing="$missing liburing-dev libc6-dev"
    has_openssl || missing="$missing libssl-dev"
    has_simdjson || missing="$missing libsimdjson-dev"
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
        say "missing:$missing; this user may not install Debian packages, so what needs them is left out."
        check_required
        return 0
    fi
    say "installing$missing ..."
    apt-get update -qq
    # shellcheck disable=SC2086 # several words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# The load generator needs these, and nothing is measured without it.
check_required() {
    if ! has_liburing || ! has_openssl || ! command -v openssl >/dev/null 2>&1; then
        say "gcc, liburing (liburing-dev), and OpenSSL (openssl, libssl-dev) are required; install them first."
        exit 2
    fi
}

# A program that runs keeps its old file.
compile() {
    target=$1
    shift
    gcc -march=native -Wall -Wextra -o "$out/$target.new" "$@"
    mv "$out/$target.new" "$out/$target"
}

# The C app server that looks at the whole content; in two languages.
compile_validating() {
    g++ -std=c++17 -march=native -Wall -Wextra -O2 -c -o "$out/validate.o" "$bench/native/validate.cpp"
    gcc -DVALIDATE -march=native -Wall -Wextra -O2 -c -o "$out/app_simdjson.o" "$bench/native/app_epoll.c"
    g++ -o "$out/app_simdjson.new" "$out/app_simdjson.o" "$out/validate.o" -lsimdjson
    mv "$out/app_simdjson.new" "$out/app_simdjson"
}

# A key, and a certificate of its own for this machine, which all servers show. They are made for a year, and made anew
# in their last month; HAProxy wants both in one file.
make_certificate() {
    tls=$out/tls
    if openssl x509 -in "$tls/cert.pem" -noout -checkend 2678400 >/dev/null 2>&1 && [ -s "$tls/both.pem" ]; then
        return 0
    fi
    mkdir -p "$tls"
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=localhost \
            -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$tls/key.pem" -out "$tls/cert.pem" 2>"$tls/log"
        cat "$tls/cert.pem" "$tls/key.pem" >"$tls/both.pem"
    )
}

maven() {
    jdk25_build "$out/$1.log" "$bench" -f "$bench/$1/pom.xml" "-Dbench.out=$out" package
}

install_what_is_missing
mkdir -p "$out"
compile load -O3 "$bench/load/load.c" "$bench/load/tls.c" -luring -lssl -lcrypto
compile echo_epoll -O2 "$bench/native/echo_epoll.c"
compile app_epoll -O2 "$bench/native/app_epoll.c"
compile app_epoll_tls -DTLS -O2 "$bench/native/app_epoll.c" -lssl -lcrypto
make_certificate
if has_simdjson; then
    compile_validating
fi
compile echo_uring -O2 "$bench/native/echo_uring.c" -luring
if command -v go >/dev/null 2>&1; then
    GOCACHE=$out/gocache GO111MODULE=off go build -o "$out/echo_go" "$bench/native/echo.go"
fi
maven peers
maven grpc

"$root/parley" --version >/dev/null
mkdir -p "$out/app"
"$JAVA_HOME/bin/javac" -Xlint:all,-path -d "$out/app" -cp "$root/cli/target/lib/*" "$bench"/app/*.java
