# Sourced by scripts/package.sh: what the packages are made with, and what to install where it is missing.

missing_tools=

need() { # COMMAND DEBIAN-PACKAGE
    if ! command -v "$1" >/dev/null 2>&1; then missing_tools="$missing_tools $1 (Debian: apt-get install $2)"; fi
}

# Needs a tool as GNU makes it: tries it with what only GNU's can do. BusyBox and macOS have others of the same names.
need_gnu() { # COMMAND DEBIAN-PACKAGE ARGUMENTS...
    local tool=$1 package=$2
    shift 2
    if ! command -v "$tool" >/dev/null 2>&1; then
        need "$tool" "$package"
    elif ! "$tool" "$@" </dev/null >/dev/null 2>&1; then
        missing_tools="$missing_tools GNU $tool (Debian: apt-get install $package)"
    fi
}

check_tools() { # KINDS
    local kind
    need mvn maven
    need gzip gzip
    need sha256sum coreutils
    need_gnu tar tar --exclude=x -cf /dev/null --sort=name -C / -T /dev/null
    need_gnu date coreutils -u -d 2026-01-01T00:00:00Z +%s
    need_gnu find findutils / -maxdepth 0 -printf %P
    need_gnu xargs findutils -r -d x true
    for kind in "$@"; do
        case $kind in
            image | classes)
                need_jlink
                need strip binutils
                ;;
            deb)
                need_jlink
                need strip binutils
                need dpkg-deb dpkg
                need awk mawk
                need install coreutils
                need md5sum coreutils
                ;;
            zip) need zip zip ;;
            maven)
                need zip zip
                need md5sum coreutils
                need sha1sum coreutils
                ;;
            *)
                echo "parley: there is no package '$kind'; image, deb, zip or maven." >&2
                exit 2
                ;;
        esac
    done
    if [ -n "$missing_tools" ]; then
        echo "parley: the packages cannot be made without:$missing_tools." >&2
        exit 2
    fi
}

# A runtime alone has no jlink, and some distributions put it into a package of its own.
need_jlink() {
    if [ ! -x "$JAVA_HOME/bin/jlink" ]; then
        missing_tools="$missing_tools jlink (it is not in $JAVA_HOME; install a whole JDK 25, such as Temurin)"
    fi
}

# Gives every file of a directory the time of the source, and the rights that do not depend on the umask of the checkout,
# so that an archive of it is always the same, and every user can use what is in it.
settle_files() { # DIRECTORY
    chmod -R u+rwX,go+rX,go-w "$1"
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# An archive of a directory that depends on its files alone.
make_tar_gz() { # PARENT DIRECTORY FILE
    tar -C "$1" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w \
        --mtime="@$SOURCE_DATE_EPOCH" -cf - "$2" | gzip -7n >"$work/packed"
    mv "$work/packed" "$3"
}

make_zip_file() { # PARENT DIRECTORY FILE
    settle_files "$1/$2"
    (cd "$1" && find "$2" -type f | sort | zip -q -X -9 "$work/packed.zip" -@)
    mv "$work/packed.zip" "$3"
}
