# Sourced by scripts/package.sh: the library as a Maven repository would get it, in the layout that Maven Central takes.

make_maven() {
    local name=parley-$version-maven part
    rm -rf "${work:?}/$name"
    cp -R "$stage/maven" "$work/$name"
    for part in net uring messages nats testkit; do
        cp "$work/source/$part/target/parley-$part-$version-javadoc.jar" "$work/$name/dev/parley/parley-$part/$version/"
    done
    (cd "$work/$name" && find . -type f | sort | while read -r file; do
        for kind in md5 sha1; do "${kind}sum" "$file" | cut -d ' ' -f 1 | tr -d '\n' >"$file.$kind"; done
    done)
    make_zip_file "$work/$name" dev "$out/$name.zip" # Maven Central wants the group's directories at the top
    echo "$out/$name.zip"
}
