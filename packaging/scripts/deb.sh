# Sourced by scripts/package.sh: the Debian package. It installs the image, the manual pages, the completions and two
# units of systemd, which are not enabled: a server listens when its administrator wants it to.

# The version as Debian sorts it: a snapshot comes before its release.
deb_version() {
    echo "$version" | tr '[:upper:]' '[:lower:]' | tr - '~'
}

make_deb() {
    stage_image
    local root=$work/deb architecture
    architecture=$(dpkg --print-architecture)
    rm -rf "$root"
    mkdir -p "$root/usr/lib" "$root/usr/bin" "$root/DEBIAN"
    cp -R "$stage/image" "$root/usr/lib/parley"
    cp -R "$stage/maven" "$stage/legal" "$stage"/parts/image/* "$root/usr/lib/parley/lib/"
    ln -s ../lib/parley/parley "$root/usr/bin/parley"
    deb_pages "$root"
    deb_units "$root"
    deb_control "$root" "$architecture"
    settle_files "$root"
    # Most of it is compressed already: the default effort takes five times as long, and saves 6 %.
    DPKG_DEB_THREADS_MAX=1 dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$work/packed.deb" >/dev/null
    mv "$work/packed.deb" "$out/parley_$(deb_version)_$architecture.deb"
    echo "$out/parley_$(deb_version)_$architecture.deb"
}

deb_pages() { # ROOT
    local man=$1/usr/share/man/man1 doc=$1/usr/share/doc/parley
    install -d "$man" "$doc" "$1/usr/share/lintian/overrides"
    cp "$stage"/man/*.1 "$man/"
    gzip -9n "$man"/*.1
    install -D -m 644 "$stage/completion/parley.bash" "$1/usr/share/bash-completion/completions/parley"
    install -D -m 644 "$stage/completion/parley.zsh" "$1/usr/share/zsh/vendor-completions/_parley"
    install -D -m 644 "$stage/completion/parley.fish" "$1/usr/share/fish/vendor_completions.d/parley.fish"
    cp -R "$stage/pages/." "$doc/"
    ln -sf ../../common-licenses/Apache-2.0 "$doc/LICENSE"
    ln -s ../../../bin/parley "$doc/parley" # so that the pages' commands can be typed there as they are
    cp "$here/packaging/debian/copyright" "$doc/"
    deb_changelog | gzip -9n >"$doc/changelog.gz"
    cp "$here/packaging/debian/lintian-overrides" "$1/usr/share/lintian/overrides/parley"
}

deb_changelog() {
    cat <<END
parley ($(deb_version)) unstable; urgency=medium

  * What has changed for users is in CHANGELOG.md beside this file.

 -- $(deb_maintainer)  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
}

# Not from DEBFULLNAME and DEBEMAIL: the package would not be the same wherever it is made.
deb_maintainer() {
    echo "Parley developers <developers@parley.dev>"
}

deb_units() { # ROOT
    install -D -m 644 "$here/packaging/debian/parley.service" "$1/lib/systemd/system/parley.service"
    install -D -m 644 "$here/packaging/debian/parley.socket" "$1/lib/systemd/system/parley.socket"
}

deb_control() { # ROOT ARCHITECTURE
    local size
    # A KiB for each directory, whose own size depends on the file system, as dpkg-gencontrol(1) does it.
    size=$(cd "$1" && find . -path ./DEBIAN -prune -o -type d -printf '1024\n' -o -printf '%s\n' |
        awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
    sed -e "s/@VERSION@/$(deb_version)/" -e "s/@ARCHITECTURE@/$2/" -e "s/@SIZE@/$size/" \
        -e "s/@MAINTAINER@/$(deb_maintainer)/" "$here/packaging/debian/control" >"$1/DEBIAN/control"
    local script
    for script in postinst prerm postrm; do
        install -m 755 "$here/packaging/debian/$script" "$1/DEBIAN/$script"
    done
    (cd "$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$1/DEBIAN/md5sums"
}
