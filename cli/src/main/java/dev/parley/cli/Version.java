package dev.parley.cli;

import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The version of this program, which the build wrote into the jar and its module. */
final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }

    static String line() {
        return "parley " + number();
    }

    /**
     * Returns true if the user asks for the version and nothing else. Picocli would find this out too, but only after
     * it has read the annotations of every command.
     */
    static boolean isAsked(String[] args) {
        return args.length == 1 && List.of("--version", "-V", "version").contains(args[0]);
    }

    static String number() {
        return Stream.of(ofJar(), ofModule())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("(not packaged)");
    }

    private static @Nullable String ofJar() {
        return Version.class.getPackage().getImplementationVersion();
    }

    /** Returns the version of the module, which a Java runtime keeps that was linked with it. */
    private static @Nullable String ofModule() {
        ModuleDescriptor module = Version.class.getModule().getDescriptor();
        return module == null ? null : module.rawVersion().orElse(null);
    }
}
