# Sourced by scripts/package.sh: the licences of the libraries that the packages have in them.

# Makes $stage/legal, with a directory for each library: the texts in its jar, and those that packaging/legal has for the
# libraries without texts in their jars.
stage_legal() {
    local jar library place
    for jar in "$stage"/modules/*.jar "$stage"/cluster/*.jar; do
        library=$(basename "$jar" .jar)
        case $library in parley-*) continue ;; esac
        library=${library%-[0-9]*}
        place=$stage/legal/$library
        mkdir -p "$place"
        legal_of_jar "$jar" "$place"
        if [ -d "$here/packaging/legal/$library" ]; then cp "$here/packaging/legal/$library"/* "$place/"; fi
        legal_check "$library" "$place"
    done
}

# Copies the texts of a jar. Jackson's are LICENSE, NOTICE, and those of code that it has taken, such as Schubfach-LICENSE.
legal_of_jar() { # JAR DIRECTORY
    local names
    names=$(run_java "$JAVA_HOME/bin/jar" --list --file "$1" | grep -E '^META-INF/[^/]*(LICENSE|NOTICE)[^/]*$') || return 0
    # shellcheck disable=SC2086 # words: these names have no blanks
    (cd "$2" && run_java "$JAVA_HOME/bin/jar" --extract --file "$1" $names && mv META-INF/* . && rmdir META-INF)
}

# Parley has the same licence as the libraries that say so in NOTICE alone.
legal_check() { # LIBRARY DIRECTORY
    if [ ! -e "$2/LICENSE" ] && grep -q 'Apache License, Version 2.0' "$2/NOTICE" 2>/dev/null; then
        cp "$here/LICENSE" "$2/"
    fi
    if [ ! -s "$2/LICENSE" ]; then
        echo "parley: the jar of $1 has no licence in it, and there is none in packaging/legal/$1; add its text there." >&2
        exit 2
    fi
}
