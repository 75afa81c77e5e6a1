package dev.parley.server;

import java.security.Principal;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The credentials that were accepted last on one connection of a server that requires them. Requests without
 * credentials of their own are accepted by them. Any thread may use it.
 */
public final class ConnectionCredentials {
    private volatile @Nullable Accepted accepted;

    /**
     * What was accepted.
     *
     * @param text the value of the key {@code authorization}; null if the request had none
     */
    record Accepted(@Nullable String text, Principal principal) {}

    ConnectionCredentials() {}

    /** Returns the principal if it may make a request with these credentials without being asked again. */
    @Nullable
    Principal principalFor(@Nullable String text) {
        Accepted now = accepted;
        return now != null && (text == null || text.equals(now.text())) ? now.principal() : null;
    }

    /** Remembers what was accepted, instead of what was accepted before. */
    synchronized Accepted accept(@Nullable String text, Principal principal) {
        var now = new Accepted(text, principal);
        accepted = now;
        return now;
    }

    /** Forgets these credentials, if no others were accepted after them. */
    @SuppressWarnings("ReferenceEquality") // the same credentials may have been accepted again
    synchronized void forget(Accepted own) {
        if (accepted == own) {
            accepted = null;
        }
    }

    /** Forgets the credentials if their principal is one of these. */
    void revoke(Predicate<? super Principal> revoked) {
        Accepted now = accepted;
        if (now != null && revoked.test(now.principal())) {
            forget(now);
        }
    }
}
