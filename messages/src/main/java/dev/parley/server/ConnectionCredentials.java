package dev.parley.server;

import java.security.Principal;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The credentials that were accepted last on one connection of a server that requires them. Requests without
 * credentials of their own are accepted by them. Any thread may use it.
 */
public final class ConnectionCredentials {
    private final AtomicReference<State> state = new AtomicReference<>(new State(0, null, null));

    /**
     * The credentials that were accepted, and how often principals were revoked on the connection before that.
     *
     * @param text the value of the key {@code authorization}; null if the request had none
     * @param principal null if nothing is accepted
     */
    private record State(
            long revision, @Nullable String text, @Nullable Principal principal) {}

    ConnectionCredentials() {}

    /** Returns a number that is another one after each revocation. */
    long revision() {
        return state.get().revision();
    }

    /** Returns the principal if it may make a request with these credentials without being asked again. */
    @Nullable
    Principal principalFor(@Nullable String text) {
        State now = state.get();
        return text == null || text.equals(now.text()) ? now.principal() : null;
    }

    /**
     * Remembers the accepted credentials instead of the earlier ones. If principals were revoked meanwhile, this has no
     * effect, and returns false.
     *
     * @param revision the revision before the principal was accepted
     */
    boolean accept(@Nullable String text, Principal principal, long revision) {
        State after =
                state.updateAndGet(now -> now.revision() == revision ? new State(revision, text, principal) : now);
        return after.revision() == revision;
    }

    /** Forgets the credentials if their principal is one of these. */
    void revoke(Predicate<? super Principal> revoked) {
        State now;
        State after;
        do { // in one step: a thread that sees the new revision must not see the principal that was revoked
            now = state.get();
            Principal known = now.principal();
            boolean isGone = known != null && revoked.test(known);
            after = new State(now.revision() + 1, isGone ? null : now.text(), isGone ? null : known);
        } while (!state.compareAndSet(now, after));
    }
}
