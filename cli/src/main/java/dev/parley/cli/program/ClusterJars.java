package dev.parley.cli.program;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the modules for brokers in a package: they are in a directory that is on no path when Java starts. */
public final class ClusterJars {
    private static final String IN_PACKAGE = "lib/cluster";

    private ClusterJars() {}

    /** Returns the directory; null if there is none, as in a checkout, whose path has these modules. */
    public static @Nullable Path directory() {
        String home = System.getProperty("parley.home", "");
        Path directory = Path.of(home, IN_PACKAGE);
        return home.isEmpty() || !Files.isDirectory(directory) ? null : directory;
    }

    /**
     * Returns a loader of what the jars have, with the loader of the commands as its parent; null if there are no jars.
     * It opens them when something is looked for.
     */
    static @Nullable URLClassLoader loader() throws IOException {
        Path directory = directory();
        if (directory == null) {
            return null;
        }
        var urls = new ArrayList<URL>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path jar : files.sorted().toList()) {
                urls.add(jar.toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClusterJars.class.getClassLoader());
    }
}
