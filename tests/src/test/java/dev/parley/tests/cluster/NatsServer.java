package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Message;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.List;

/** A nats-server on a free port of the loopback, with some options; ended by its own process id. */
final class NatsServer implements AutoCloseable {
    private final int port;
    private final List<String> options;
    private Process process;

    private NatsServer(int port, List<String> options) throws IOException {
        this.port = port;
        this.options = options;
        process = launch();
    }

    /** Starts a server that listens when this returns. */
    static NatsServer start(String... options) throws IOException {
        assumeTrue(Usable.isInstalled("nats-server"), "nats-server is not installed");
        return new NatsServer(freePort(), List.of(options));
    }

    static int freePort() throws IOException {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Process launch() throws IOException {
        var command = new ArrayList<>(List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(options);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Await.until("nats-server listens", () -> listens() || !started.isAlive());
        return started;
    }

    private boolean listens() {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Returns the address of a cluster at this server. */
    String cluster(String name) {
        return "nats://127.0.0.1:" + port + "/" + name;
    }

    int port() {
        return port;
    }

    /** Lets the server send its clients away, as before an update. */
    void lameDuck() throws IOException, InterruptedException {
        var signal = new ProcessBuilder("nats-server", "--signal", "ldm=" + process.pid());
        signal.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        assertThat(signal.start().waitFor()).isZero();
    }

    /** Stops the process, which then neither reads nor writes, but has its connections. */
    void stop() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** Lets a stopped process go on. */
    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Asks the server for the number of its clients, by its monitoring port, which is one of its options. */
    int connections(int monitor) {
        try {
            URLConnection asked =
                    URI.create("http://127.0.0.1:" + monitor + "/varz").toURL().openConnection();
            asked.setRequestProperty("Connection", "close"); // else it stays open
            try (InputStream in = asked.getInputStream()) {
                return Message.json(in.readAllBytes())
                        .json()
                        .path("connections")
                        .asInt();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    void restart() throws IOException {
        process = launch();
    }

    @Override
    public void close() {
        kill();
    }
}
