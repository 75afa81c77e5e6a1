package dev.parley.tests.bed;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** HAProxy on a free port, with a backend of the test. It is ended with the test, by its own pid. */
public final class Haproxy implements AutoCloseable {
    private final Process process;
    private final int port;
    private final Path statistics;

    private Haproxy(Process process, int port, Path statistics) {
        this.process = process;
        this.port = port;
        this.statistics = statistics;
    }

    /**
     * Starts HAProxy. A test without HAProxy is skipped.
     *
     * @param directory for its settings, its log and its own socket
     * @param sections the sections behind {@code defaults}; {@code PORT} stands for the port to bind
     */
    public static Haproxy start(Path directory, List<String> sections) throws IOException {
        assumeTrue(Usable.isInstalled("haproxy"), "HAProxy is not installed");
        int port;
        try (var free = RawPeer.listen()) {
            port = ((Address.Inet) RawPeer.addressOf(free)).port();
        }
        Path statistics = directory.resolve("s");
        String text = """
                global
                    stats socket %s
                defaults
                    mode tcp
                    timeout connect 5s
                    timeout client 30s
                    timeout server 30s
                """.formatted(statistics);
        Path settings = Files.writeString(
                directory.resolve("haproxy.cfg"),
                text + String.join("\n", sections).replace("PORT", Integer.toString(port)) + "\n");
        Process process = new ProcessBuilder("haproxy", "-db", "-f", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile())
                .start();
        return new Haproxy(process, port, statistics);
    }

    public int port() {
        return port;
    }

    /** Returns the status of a server, such as {@code UP} or {@code DOWN}; empty if HAProxy does not say it yet. */
    public String statusOf(String server) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(statistics));
            channel.write(ByteBuffer.wrap("show stat\n".getBytes(StandardCharsets.US_ASCII)));
            String all = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            return all.lines()
                    .map(line -> line.split(",", -1))
                    .filter(fields -> fields.length > 17 && fields[1].equals(server))
                    .map(fields -> fields[17])
                    .findFirst()
                    .orElse("");
        } catch (IOException notYet) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
