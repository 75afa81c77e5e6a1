package dev.parley;

import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.text.SafeText;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Watches the requests of a server, for example for an access log ({@link #logging}): it is called when a request or a
 * stream is over, whatever its end was. A server without an observer measures nothing.
 *
 * {@snippet :
 * var slowMillis = 500;
 * try (var server = Server.builder()
 *         .on("echo", request -> request)
 *         .requestObserver(over -> {
 *             if (over.handled().toMillis() > slowMillis) {
 *                 System.err.println(over.action() + " took " + over.handled());
 *             }
 *         })
 *         .listen("tcp://localhost:0")) {
 *     server.join();
 * }
 * }
 *
 * <p>The method is called on the thread of the connection's loop, and must not block. If a server has several loops, it
 * is called by several threads. An exception that it throws is logged.
 */
@FunctionalInterface
public interface RequestObserver {
    /** The status of a request that was answered with a result. */
    String OK = "ok";

    /** The status of a request whose connection ended before its response was sent. */
    String LOST = "lost";

    /**
     * Called once for each request and stream, when it is over. Requests that the server makes of its own protocol,
     * such as {@code parley.peer}, count too.
     *
     * @param request what is known of it; valid during the call
     */
    void ended(Ended request);

    /** A request or a stream that is over. Parley implements this interface; methods may be added to it. */
    interface Ended {
        /** {@return the connection of the client} */
        ConnectionInfo connection();

        /** {@return the action; empty if the request names none, or could not be read} */
        String action();

        /** {@return the header of the request; that of an empty message if the request could not be read} */
        Header header();

        /** {@return whether it was a stream, an upload or a duplex} */
        boolean isStream();

        /**
         * {@return {@value #OK}, or the error code that the client was sent (docs/protocol.md, section 9), such as
         * {@code busy}; or {@value #LOST}} A one-way request has the status that its response would have had.
         */
        String status();

        /** {@return the number of bytes of all contents that the client sent} */
        long requestBytes();

        /** {@return the number of bytes of all contents that were sent to the client} */
        long responseBytes();

        /** {@return how long the request has waited for its turn since it was read} */
        Duration queued();

        /** {@return how long it took from its turn to its response; for a stream, to its end} */
        Duration handled();

        /**
         * {@return one line that says all of this, such as {@code connection 4 from tcp://127.0.0.1:40222: 'search' ok,
         * 17 bytes to 43, waited 0.0 ms, took 1.3 ms}} A trace id follows if the request has one.
         */
        default String line() {
            String what = action().isEmpty() ? "a request without an action" : "'" + action() + "'";
            String trace = header().text(Header.TRACEPARENT);
            return "connection " + connection().id() + " from "
                    + connection().peerText() + ": "
                    + (isStream() ? "stream " : "") + what + " " + status() + ", " + requestBytes() + " bytes to "
                    + responseBytes() + ", waited " + millis(queued()) + " ms, took " + millis(handled()) + " ms"
                    + (trace == null ? "" : ", trace " + SafeText.line(trace));
        }

        private static String millis(Duration time) {
            return String.format(Locale.ROOT, "%.1f", time.toNanos() / 1e6);
        }
    }

    /**
     * {@return an observer that passes one line for each request, as {@link Ended#line} has it}
     *
     * @param lines gets each line, on the thread of a loop
     */
    static RequestObserver lines(Consumer<String> lines) {
        return request -> lines.accept(request.line());
    }

    /**
     * {@return an observer that writes one line for each request to the logger {@code dev.parley.requests}, with level
     * {@code INFO}}
     */
    static RequestObserver logging() {
        System.Logger logger = System.getLogger("dev.parley.requests");
        return request -> {
            if (logger.isLoggable(System.Logger.Level.INFO)) {
                logger.log(System.Logger.Level.INFO, request.line());
            }
        };
    }
}
