# Sourced by scripts/package.sh: the self-contained image, with a Java runtime of its own.

# What the JDK's modules are for: jdk.compiler for 'parley run', jdk.jfr and java.management for whoever looks into a
# running server, java.net.http and java.xml for the programs that people run, jdk.unsupported for signals.
image_modules=dev.parley.cli,dev.parley.uring,jdk.compiler,jdk.jfr,java.management,java.net.http,java.xml,jdk.unsupported
image_modules=$image_modules,jdk.zipfs,jdk.net,jdk.localedata

# The launcher gives these to the JVM as well; an archive is for the options that it was made with.
archive_options="-XX:+UseSerialGC --enable-native-access=dev.parley.uring --add-modules java.net.http,java.xml,jdk.unsupported"

image_platform() {
    local machine
    case $(uname -m) in
        x86_64) machine=x64 ;;
        aarch64) machine=aarch64 ;;
        *) machine=$(uname -m) ;;
    esac
    echo "linux-$machine"
}

# Makes $stage/image, once: the image package and the Debian package are made of it.
stage_image() {
    local image=$stage/image
    [ ! -d "$image" ] || return 0
    mkdir -p "$image/lib"
    run_java "$JAVA_HOME/bin/jlink" --module-path "$stage/modules" --add-modules "$image_modules" --no-header-files \
        --no-man-pages --compress zip-6 --include-locales=en --output "$image/runtime" ||
        { echo "parley: jlink could not make the runtime; see above." >&2; exit 2; }
    find "$image/runtime/bin" "$image/runtime/lib" -type f \( -perm -u+x -o -name '*.so' \) -exec strip --strip-unneeded {} +
    cp "$here/packaging/image/parley" "$image/parley"
    cp "$here/scripts/start.sh" "$image/lib/"
    cp -R "$stage/cluster" "$image/lib/"
    echo "$version" >"$image/lib/version"
    make_archive "$image" all
    make_archive "$image" bytes
}

# Makes the archive of what commands need when they start (class data sharing), from the list in the repository. What
# the JVM takes from its machine is set, since an archive has it in it: the size of the heap and the number of processors.
# Two archives of the same classes differ in times alone, which are taken out.
make_archive() { # IMAGE KIND
    local name
    run_program StartupClasses complete "$here/packaging/image/classes-$2" >"$work/classes"
    for name in one other; do
        # shellcheck disable=SC2086 # words
        run_java "$1/runtime/bin/java" $archive_options -Xms96m -Xmx96m -XX:ActiveProcessorCount=2 -Xshare:dump \
            "-XX:SharedClassListFile=$work/classes" "-XX:SharedArchiveFile=$work/$name.jsa" -XX:+AOTClassLinking \
            -m dev.parley.cli/dev.parley.cli.Training >"$work/dump.log" 2>&1 ||
            { cat "$work/dump.log" >&2; exit 2; }
    done
    run_program TimelessArchive "$work/one.jsa" "$work/other.jsa" "$1/lib/parley-$2.jsa"
}

# Makes the lists in the repository anew, from several runs of typical commands: 'sh scripts/package.sh classes'.
make_classes() {
    stage_image
    local kind run
    for kind in all bytes; do
        for run in 1 2 3 4 5; do
            list_loaded "$kind" "$run" || list_loaded "$kind" "$run" || # a run may take too long on a busy machine
                { echo "parley: the commands that record what they need have failed." >&2; exit 2; }
        done
        run_program StartupClasses record "$work/loaded1" "$work/loaded2" "$work/loaded3" "$work/loaded4" \
            "$work/loaded5" >"$work/classes"
        mv "$work/classes" "$here/packaging/image/classes-$kind"
        echo "$here/packaging/image/classes-$kind"
    done
}

list_loaded() { # KIND RUN
    # shellcheck disable=SC2086 # words
    run_java "$stage/image/runtime/bin/java" $archive_options -Xshare:off "-XX:DumpLoadedClassList=$work/loaded$2" \
        -m dev.parley.cli/dev.parley.cli.Training "$1" </dev/null >/dev/null 2>&1
}

make_image() {
    stage_image
    local name
    name=parley-$version-$(image_platform)
    rm -rf "$work/$name"
    cp -R "$stage/image" "$work/$name"
    cp -R "$stage/pages/." "$work/$name/"
    cp -R "$stage/man" "$stage/completion" "$stage/maven" "$stage/legal" "$stage"/parts/image/* "$work/$name/lib/"
    make_tar_gz "$work" "$name" "$out/$name.tar.gz"
    echo "$out/$name.tar.gz"
}
