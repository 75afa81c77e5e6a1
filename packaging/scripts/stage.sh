# Sourced by scripts/package.sh: the build that all packages are made of.

# Builds a copy of the source, so that nothing that lies in the checkout gets into a package, and its path into none.
stage_build() {
    local source=$work/source part
    mkdir -p "$source"
    cp "$here/pom.xml" "$source/"
    for part in net uring messages nats testkit cli; do
        mkdir -p "$source/$part"
        cp "$here/$part/pom.xml" "$source/$part/"
        cp -R "$here/$part/src" "$source/$part/src"
    done
    for part in examples tests; do
        mkdir -p "$source/$part"
        cp "$here/$part/pom.xml" "$source/$part/"
    done
    cp -R "$here/scripts" "$source/scripts"
    find "$source" -name '.*' -type f -delete
    chmod -R u+rwX,go+rX,go-w "$source" # jars take the rights of directories along
    local profiles=launcher,sbom,sources
    case " $kinds " in *" maven "*) profiles=$profiles,javadoc ;; esac
    jdk25_build "$out/build.log" "$source" -pl net,uring,messages,nats,testkit,cli -am "-P$profiles" -Djavadoc.failOnWarnings=false \
        package || exit $?
    rm -f "$out/build.log"

    stage=$work/stage
    mkdir -p "$stage/modules" "$stage/cluster"
    cp "$source/cli/target/parley-cli-$version.jar" "$source"/cli/target/lib/*.jar "$stage/modules/"
    # jlink takes explicit modules alone, and the client of NATS is none; 'parley' loads these when they are needed.
    mv "$stage"/modules/parley-nats-*.jar "$stage"/modules/jnats-*.jar "$stage"/modules/bcprov-*.jar "$stage/cluster/"
    # Picocli's classes are too old for an archive of the JVM's.
    run_java "$JAVA_HOME/bin/java" -cp "$stage/modules/parley-cli-$version.jar" dev.parley.cli.ModernJar \
        "$stage"/modules/picocli-*.jar
    stage_pages
    stage_maven
    stage_legal
}

# The pages, the examples that they use, the manual pages and the completions.
stage_pages() {
    local shell
    mkdir -p "$stage/pages" "$stage/man" "$stage/completion"
    # The cluster that breaks itself is compiled from a clone.
    (cd "$here" && tar -cf - --exclude='*/target' --exclude='.*' --exclude='*~' --exclude=examples/cluster README.md \
        CHANGELOG.md LICENSE SECURITY.md CONTRIBUTING.md docs examples packaging/container) | tar -C "$stage/pages" -xf -
    run_program PackagedPages "$stage/pages"
    run_program Manual "$stage/man" "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)"
    for shell in bash zsh fish; do run_program Parley completion "$shell" >"$stage/completion/parley.$shell"; done
}

# Runs a program of a JDK without the options that this user has for each JVM: they would get into what it makes.
run_java() { # PROGRAM ARGUMENTS...
    (
        unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
        exec "$@"
    )
}

# Runs a program of the command line, of the jars that were just built.
run_program() { # CLASS ARGUMENTS...
    local program=$1
    shift
    run_java "$JAVA_HOME/bin/java" -XX:+UseSerialGC --enable-native-access=dev.parley.uring -p "$stage/modules" \
        -m "dev.parley.cli/dev.parley.cli.$program" "$@"
}

# The library in the layout of a Maven repository, which 'parley install' and 'parley new' copy from. The Javadoc as pages
# is for the Maven artifacts alone.
stage_maven() {
    local part artifact place
    for part in "" net uring messages nats testkit; do
        artifact=parley${part:+-$part}
        place=$stage/maven/dev/parley/$artifact/$version
        mkdir -p "$place"
        cp "$work/source/${part:+$part/}pom.xml" "$place/$artifact-$version.pom"
        if [ -n "$part" ]; then
            cp "$work/source/$part/target/$artifact-$version.jar" "$work/source/$part/target/"*-cyclonedx.json "$place/"
            cp "$work/source/$part/target/$artifact-$version-sources.jar" "$place/"
        fi
    done
    run_program PartsList licenses "$stage/maven"/dev/parley/*/*/*-cyclonedx.json
    stage_parts
}

# The lists of parts of the packages that have a Java runtime in them, and of the zip.
stage_parts() {
    local kind
    for kind in image zip; do
        mkdir -p "$stage/parts/$kind"
        run_program PartsList "$kind" "$work/source/cli/target/parley-cli-$version-cyclonedx.json" \
            "$stage/parts/$kind/parley-cyclonedx.json" "$stage/modules" "$stage/cluster"
    done
}
