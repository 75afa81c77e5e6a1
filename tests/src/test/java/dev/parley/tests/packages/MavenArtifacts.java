package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The archive for a Maven repository, unpacked. */
final class MavenArtifacts {
    /** The artifacts, and the module that each is for. */
    private static final Map<String, String> MODULES = Map.of(
            "parley-net", "dev.parley.net",
            "parley-uring", "dev.parley.uring",
            "parley-messages", "dev.parley",
            "parley-nats", "dev.parley.nats",
            "parley-testkit", "dev.parley.testkit");

    private final Path group;

    /** The group's directories are at the top: Maven Central takes no other archive. */
    MavenArtifacts(Path unpacked) throws IOException {
        try (Stream<Path> top = Files.list(unpacked)) {
            assertThat(top).containsExactly(unpacked.resolve("dev"));
        }
        group = unpacked.resolve("dev/parley");
    }

    void assertWhole() throws IOException {
        for (String artifact : MODULES.keySet()) {
            for (String suffix : List.of(".pom", ".jar", "-sources.jar", "-javadoc.jar", "-cyclonedx.json")) {
                Path file = file(artifact, suffix);
                assertThat(file).isRegularFile();
                assertThat(Path.of(file + ".sha1")).content().matches("[0-9a-f]{40}");
                assertThat(Path.of(file + ".md5")).content().matches("[0-9a-f]{32}");
            }
            ModuleReference module =
                    ModuleFinder.of(file(artifact, ".jar")).findAll().iterator().next();
            assertThat(module.descriptor().name()).isEqualTo(MODULES.get(artifact));
            assertThat(module.descriptor().isAutomatic()).isFalse();
            assertThat(file(artifact, ".pom"))
                    .content()
                    .contains("<artifactId>parley</artifactId>", "<name>", "<description>");
            assertThat(file(artifact, "-cyclonedx.json")).content().contains("CycloneDX", "\"" + artifact + "\"");
        }
        assertThat(file("parley-nats", "-cyclonedx.json")).content().contains("bcprov", "\"MIT\"", "jnats");
        assertThat(file("parley", ".pom"))
                .content()
                .contains("<licenses>", "<developers>", "<scm>", "<url>", "<groupId>dev.parley</groupId>");
    }

    private Path file(String artifact, String suffix) throws IOException {
        try (Stream<Path> versions = Files.list(group.resolve(artifact))) {
            Path version = versions.findFirst().orElseThrow();
            return version.resolve(artifact + "-" + version.getFileName() + suffix);
        }
    }
}
