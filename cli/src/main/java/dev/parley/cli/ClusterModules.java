package dev.parley.cli;

import dev.parley.cli.program.ClusterJars;
import dev.parley.cluster.ClusterBusProvider;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolutionException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Finds the modules for brokers. In a package they lie in a directory of their own and are loaded when a command needs
 * them: the Java runtime of the image cannot have them in it, since jlink takes only explicit modules, and the client
 * of NATS is an automatic one.
 */
final class ClusterModules {
    private static final String NATS = "dev.parley.nats";

    private ClusterModules() {}

    static Iterable<ClusterBusProvider> providers() {
        Path directory = ClusterJars.directory();
        if (directory == null) {
            return ServiceLoader.load(ClusterBusProvider.class);
        }
        try {
            ModuleLayer commands = ModuleLayer.boot();
            Configuration modules =
                    commands.configuration().resolve(ModuleFinder.of(directory), ModuleFinder.of(), Set.of(NATS));
            ModuleLayer layer = commands.defineModulesWithOneLoader(modules, ClassLoader.getSystemClassLoader());
            return ServiceLoader.load(layer, ClusterBusProvider.class);
        } catch (FindException | ResolutionException incomplete) {
            throw new IllegalArgumentException("this package is not complete: " + incomplete.getMessage(), incomplete);
        }
    }
}
