package dev.parley.server;

import dev.parley.frame.FrameReader;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.time.Timer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Answers {@code GET /health} of HTTP (RFC 9112) on the port of the messages, for load balancers and container
 * platforms that check over HTTP alone. It reads the request line and nothing else, answers, and closes the connection.
 * It takes the place of the session as the connection's receiver. Runs on the loop's thread.
 */
final class HttpHealthCheck implements Receiver {
    /** A request line with a longer path is not one of a health check. */
    private static final int LINE_BYTES_MAX = 512;

    private static final Pattern CHECK = Pattern.compile("(GET|HEAD) /health(\\?[^ ]*)? HTTP/1\\.[01]\r?");

    private final Receiver session;
    private final Health health;
    private final Runnable otherRequest;
    private final StringBuilder line;
    private final Timer timer;
    private boolean answered;

    /**
     * Answers an HTTP client.
     *
     * @param session the receiver before this one, which is still notified when the connection has closed
     * @param begun the three bytes of the request line from which the protocol was guessed
     * @param rest the bytes that have arrived, from the third of them on
     * @param otherRequest called if the request is not the one of a health check
     */
    static void begin(
            LoopConnection connection,
            Receiver session,
            ServerSettings settings,
            FrameReader.Foreign begun,
            ByteBuffer rest,
            Runnable otherRequest) {
        String first = begun.text().substring(0, 2); // the third is still in the rest
        Duration patience = settings.limits().headerTimeout();
        var check = new HttpHealthCheck(connection, session, settings.health(), first, patience, otherRequest);
        connection.receiver(check);
        check.bytes(connection, rest);
    }

    private HttpHealthCheck(
            LoopConnection connection,
            Receiver session,
            Health health,
            String begun,
            Duration patience,
            Runnable otherRequest) {
        this.session = session;
        this.health = health;
        this.otherRequest = otherRequest;
        line = new StringBuilder(begun);
        timer = connection
                .loop()
                .scheduleResponsive(patience, () -> connection.closeWithoutLingering(CloseReason.HEADER_TIMEOUT));
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {
        while (bytes.hasRemaining() && !answered) {
            char next = (char) (bytes.get() & 0xff);
            if (next == '\n') {
                answer(connection);
            } else if (line.length() == LINE_BYTES_MAX) {
                end();
                otherRequest.run();
            } else {
                line.append(next);
            }
        }
    }

    private void answer(LoopConnection connection) {
        end();
        if (!CHECK.matcher(line).matches()) {
            otherRequest.run();
            return;
        }
        String body = health.word() + "\n";
        String head = "HTTP/1.1 " + (health.isServing() ? "200 OK" : "503 Service Unavailable") + "\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: " + body.length() + "\r\n"
                + "Cache-Control: no-store\r\n"
                + "Connection: close\r\n\r\n";
        boolean wantsBody = line.charAt(0) == 'G';
        connection.send((head + (wantsBody ? body : "")).getBytes(StandardCharsets.US_ASCII));
        connection.close();
    }

    private void end() {
        answered = true;
        timer.cancel();
    }

    @Override
    public void ended(LoopConnection connection) {
        if (!answered) {
            end();
            otherRequest.run();
        }
    }

    @Override
    public void closed(LoopConnection connection, CloseReason reason) {
        timer.cancel();
        session.closed(connection, reason);
    }
}
