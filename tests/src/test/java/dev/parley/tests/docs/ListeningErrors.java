package dev.parley.tests.docs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.docs.ErrorsPageTest.Situation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Causes the errors of addresses, and those that keep a server from listening. */
final class ListeningErrors {
    private static final List<String> NO_ADDRESSES = List.of(
            "localhost:65432",
            "65432",
            "http://localhost:65432",
            "TCP://localhost:65432",
            "tcp:localhost:65432",
            "tcp://localhost",
            "tcp://localhost:",
            "tcp://localhost:http",
            "tcp://localhost:70000",
            "tcp://:65432",
            "tcp://::1:65432",
            "tcp://300.0.0.1:65432",
            "tcp://my host:65432",
            "tls://localhost:65432",
            "/run/app.sock",
            "unix:");

    private ListeningErrors() {}

    static void addTo(Map<String, Situation> all) {
        all.put("A text that is not an address", ListeningErrors::noAddress);
        all.put("An address that only listens, or only lives inside one process", ListeningErrors::notToConnect);
        all.put("The port is in use", ListeningErrors::portInUse);
        all.put("The same program listens twice", ListeningErrors::twice);
        all.put("A port below 1024", ListeningErrors::privileged);
        all.put("The address of another host", ListeningErrors::notHere);
        all.put("Listening on every interface", ListeningErrors::everyInterface);
        all.put("The path of a Unix socket is taken", ListeningErrors::pathTaken);
        all.put("The directory of a Unix socket is missing", ListeningErrors::noDirectory);
        all.put("The path of a Unix socket is too long", ListeningErrors::pathTooLong);
        all.put("The file of a Unix socket is removed", ListeningErrors::fileRemoved);
        all.put("A server without a handler", ListeningErrors::noHandler);
        all.put("Two handlers for one action", ListeningErrors::twoHandlers);
    }

    private static void noAddress(ErrorStage stage) {
        for (String text : NO_ADDRESSES) {
            try {
                Address.parse(text);
            } catch (AddressException e) {
                stage.says(String.valueOf(e.getMessage()));
            }
        }
    }

    private static void notToConnect(ErrorStage stage) {
        stage.command("echo", "client", "tcp://*:65432", "hello");
        stage.command("echo", "client", "tcp://localhost:0", "hello");
        stage.command("echo", "client", "mem:name", "hello");
    }

    private static void portInUse(ErrorStage stage) throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "the system does not show who holds a port");
        String address = Programs.addressOf(stage.programs.parley("echo", "server", "tcp://127.0.0.1:0"));
        stage.knows(Address.parse(address));
        stage.command("multi", "server", address);
    }

    private static void twice(ErrorStage stage) throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "the system does not show who holds a port");
        Server first = stage.server(server -> server.otherwise(request -> request));
        stage.thrown(() -> Server.builder()
                .otherwise(request -> request)
                .listen(first.address())
                .close());
    }

    private static void privileged(ErrorStage stage) throws Exception {
        Path from = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
        assumeTrue(Files.exists(from) && Files.readAllLines(from).contains("1024"), "any user may take a low port");
        stage.process(stage.programs.parleyUnder(without("net_bind_service"), "app", "server", "tcp://127.0.0.1:80"));
    }

    /** Runs root without a right that root has; another user cannot give one away. */
    static List<String> without(String capability) {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root");
        assumeTrue(Files.exists(Path.of("/usr/bin/setpriv")), "setpriv is not installed");
        return List.of("setpriv", "--bounding-set=-" + capability, "--inh-caps=-" + capability);
    }

    /** Listens at an address that is reserved for documentation, so no host has it; nothing is sent there. */
    private static void notHere(ErrorStage stage) {
        stage.command("app", "server", "tcp://192.0.2.1:65432", "--insecure");
    }

    private static void everyInterface(ErrorStage stage) throws IOException {
        stage.command("app", "server", "tcp://*:65432");
        Server server = stage.keep(Server.builder()
                .otherwise(request -> request)
                .observer(stage.log)
                .listen("tcp://*:0"));
        stage.knows(server.address());
        stage.logged(1);
    }

    private static void pathTaken(ErrorStage stage) throws Exception {
        Path file = Files.writeString(stage.directory.resolve("notes"), "mine");
        stage.command("app", "server", "unix:" + file);
        Address.Unix address = new Address.Unix(stage.directory.resolve("app.sock"));
        stage.keep(Server.builder().otherwise(request -> request).listen(address));
        stage.thrown(() ->
                Server.builder().otherwise(request -> request).listen(address).close());
    }

    private static void noDirectory(ErrorStage stage) {
        stage.command(
                "app", "server", "unix:" + stage.directory.resolve("missing").resolve("app.sock"));
    }

    private static void pathTooLong(ErrorStage stage) {
        stage.command("app", "server", "unix:/tmp/" + "long/".repeat(21) + "app.sock");
    }

    /** A minute later the loop looks, and a minute after that something else is there. */
    private static void fileRemoved(ErrorStage stage) throws IOException {
        var ticker = new ManualTicker();
        Path path = stage.directory.resolve("app.sock");
        EventLoop loop = stage.loop(ticker);
        stage.keep(Server.builder().otherwise(request -> request).listen(loop, new Address.Unix(path)));
        Files.delete(path);
        look(loop, ticker);
        Await.until("the file is missed", stage::hasLogged);
        Files.delete(path);
        Files.createFile(path);
        look(loop, ticker);
        stage.logged(2);
    }

    private static void look(EventLoop loop, ManualTicker ticker) {
        var turned = new CompletableFuture<@Nullable Void>();
        loop.execute(() -> turned.complete(null)); // the next look is a minute after the turn before
        turned.join();
        ticker.advance(Duration.ofMinutes(1));
    }

    private static void noHandler(ErrorStage stage) {
        stage.thrown(() -> Server.builder().listen("tcp://localhost:65432").close());
    }

    private static void twoHandlers(ErrorStage stage) {
        stage.thrown(() -> Server.builder().on("search", request -> request).on("search", request -> request));
    }
}
