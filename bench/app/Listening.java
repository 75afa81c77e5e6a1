import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.Transports;
import dev.parley.net.tls.Tls;
import java.nio.file.Path;

/** The common part of our measured servers: the loop, and the address. args: PORT TRANSPORT KIND [CERTIFICATE KEY] */
final class Listening {
    private static final int CONNECTIONS_MAX = 20_000;
    private static final int PLAIN_ARGS = 3;
    private static final int TLS_ARGS = 5;

    private Listening() {}

    static boolean isRight(String[] args) {
        return args.length == PLAIN_ARGS || args.length == TLS_ARGS;
    }

    static ServerBuilder builder(String[] args) {
        return Server.builder()
                .loop(EventLoop.builder()
                        .transport(Transports.named(args[1]))
                        .limits(Limits.DEFAULT.withConnectionsMax(CONNECTIONS_MAX)));
    }

    /** Serves until the process ends; over TLS, if there is a certificate. */
    static void serve(ServerBuilder builder, String[] args) throws Exception {
        String scheme = "tcp";
        if (args.length == TLS_ARGS) {
            scheme = "tls";
            builder.tls(Tls.builder()
                    .certificate(Path.of(args[3]), Path.of(args[4]))
                    .build());
        }
        try (Server server = builder.listen(scheme + "://127.0.0.1:" + args[0])) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }
}
