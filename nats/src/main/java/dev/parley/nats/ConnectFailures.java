package dev.parley.nats;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Says why there is no connection to a broker, and what to do. */
final class ConnectFailures {
    static final String CREDENTIALS = "; give the user and password in the address, or ?credentials=FILE";
    static final String TOO_OLD = "it is too old: a nats-server of version 2.2 or later is needed, and with headers";
    private static final String IS_STARTED = "; is it started, and is the port right?";

    private ConnectFailures() {}

    /**
     * Returns the rest of a sentence about the broker.
     *
     * @param thrown what jnats throws, which says little
     * @param reported the last failure that jnats has reported; null for none
     * @param error the last error that the broker has reported; null for none
     * @param ofCertificate what the broker may have against the certificate of this node; null if it asked for none
     */
    static String why(
            Exception thrown, @Nullable Exception reported, @Nullable String error, @Nullable String ofCertificate) {
        Throwable cause = deepest(reported == null ? thrown : reported);
        String message = cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
        String words = (error == null ? "" : error + ", ") + message;
        if (words.contains("SSL required")) {
            return "it wants TLS: add ?tls=true or ?ca=FILE to the address";
        }
        if (words.contains("SSL connection wanted")) {
            return "it has no TLS: leave out tls and ca in the address";
        }
        if (words.contains("No subject alternative") || words.contains("No name matching")) {
            return "its certificate is not for that host (" + words + "); connect by one of its names";
        }
        if (cause.getClass().getName().contains("CertPath") || words.contains("PKIX")) {
            return "its certificate is not trusted here (" + words
                    + "); name the file with its authority by ?ca=FILE in the address";
        }
        if (words.contains("does not support")) {
            return TOO_OLD;
        }
        if (words.contains("connections exceeded") || words.contains("Read past initial info")) {
            // a nats-server that is full says so before jnats listens to it
            return "it ends the connection at once, as a server does that has as many connections as it allows; raise"
                    + " max_connections in its settings";
        }
        if (words.contains("Authorization") || words.contains("Authentication")) {
            return words + CREDENTIALS;
        }
        if (ofCertificate != null && !(cause instanceof UnknownHostException || cause instanceof ConnectException)) {
            return ofCertificate + " (" + words + ")";
        }
        return switch (cause) {
            case TimeoutException _ -> "what is there says nothing of NATS in time; is the port right?";
            case UnknownHostException _ -> "its host is not found: " + words;
            default -> words + IS_STARTED;
        };
    }

    private static Throwable deepest(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
