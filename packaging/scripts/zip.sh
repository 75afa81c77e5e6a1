# Sourced by scripts/package.sh: the zip for any JDK 25, with launchers for shells and for Windows.

make_zip() {
    local name=parley-$version
    rm -rf "$work/$name"
    mkdir -p "$work/$name/lib"
    cp "$here/packaging/zip/parley" "$work/$name/"
    sed 's/$/\r/' "$here/packaging/zip/parley.cmd" >"$work/$name/parley.cmd"
    cp "$here/scripts/start.sh" "$here/scripts/jdk25.sh" "$work/$name/lib/"
    cp -R "$stage/modules" "$stage/cluster" "$stage/man" "$stage/completion" "$stage/maven" "$stage/legal" \
        "$stage"/parts/zip/* "$work/$name/lib/"
    cp -R "$stage/pages/." "$work/$name/"
    make_zip_file "$work" "$name" "$out/$name.zip"
    echo "$out/$name.zip"
}
