package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests a port file that is a descriptor: a user's pipe is written to, and a file that Java has opened is not. */
@Timeout(60)
class PortFileTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    private Path directory;

    @BeforeEach
    void areDescriptorsFiles() {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "this system has no /proc");
    }

    /** Returns what each descriptor links to, such as {@code pipe:[7]}. */
    private static Map<Path, String> descriptors() throws IOException {
        var links = new HashMap<Path, String>();
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            for (Path descriptor : all.toList()) {
                if (Files.isSymbolicLink(descriptor)) { // the one of this list is gone by now
                    links.put(descriptor, Files.readSymbolicLink(descriptor).toString());
                }
            }
        }
        return links;
    }

    private static String numberOf(Predicate<String> wanted) throws IOException {
        return descriptors().entrySet().stream()
                .filter(descriptor -> wanted.test(descriptor.getValue()))
                .map(descriptor -> descriptor.getKey().getFileName().toString())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aFileThatJavaHasOpenedIsNotOverwritten() throws Exception {
        Path precious = Files.writeString(directory.resolve("precious"), "Java's own");
        try (var _ = FileChannel.open(precious, StandardOpenOption.READ)) {
            String number = numberOf(precious.toRealPath().toString()::equals);
            Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/fd", number));
            for (Path file : List.of(Path.of("/dev/fd", number), Path.of("/proc/thread-self/fd", number), link)) {
                for (boolean writes : List.of(false, true)) {
                    assertThatThrownBy(() -> use(file, writes))
                            .isInstanceOf(IOException.class)
                            .hasMessage("cannot write the port file " + file + ": descriptor " + number
                                    + " is a regular file, and may be one that Java has opened; write the file's name"
                                    + " instead");
                }
            }
        }
        assertThat(precious).hasContent("Java's own");
    }

    private static void use(Path file, boolean writes) throws IOException {
        if (writes) {
            PortFile.write(file, 7);
        } else {
            PortFile.forget(file);
        }
    }

    @Test
    void aDescriptorThatIsNotOpenSaysSo() {
        Path file = Path.of("/dev/fd/987654");
        assertThatThrownBy(() -> PortFile.forget(file))
                .hasMessage("cannot write the port file " + file + ": descriptor 987654 is not open");
    }

    /** The hook may run while the server starts. */
    @Test
    void aFileThatWasForgottenIsNotWrittenAgain() throws Exception {
        Path file = directory.resolve("port");
        var own = new PortFile.Own(file, "7\n");
        own.forget();
        own.write();
        assertThat(file).doesNotExist();
    }

    @Test
    void aPipeGetsThePort() throws Exception {
        Collection<String> before = descriptors().values();
        Pipe pipe = Pipe.open();
        try (var from = Channels.newInputStream(pipe.source());
                var _ = pipe.sink()) {
            Path file = Path.of("/dev/fd", numberOf(link -> link.startsWith("pipe:") && !before.contains(link)));
            PortFile.forget(file);
            PortFile.write(file, 65432);
            assertThat(new String(from.readNBytes(6), StandardCharsets.US_ASCII))
                    .isEqualTo("65432\n");
        }
    }
}
