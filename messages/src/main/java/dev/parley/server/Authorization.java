package dev.parley.server;

import dev.parley.Authorizer;
import dev.parley.Filter;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import java.security.Principal;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The outermost filter of a server that requires credentials: it asks the application's {@link Authorizer}, and
 * remembers what was accepted on each connection. Any thread may use it.
 */
public final class Authorization implements Filter {
    private final Authorizer authorizer;
    private final UnauthenticatedConnections unauthenticated = new UnauthenticatedConnections();
    private final AtomicLong revocations = new AtomicLong();

    /** Makes the filter of one server. */
    public Authorization(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /** Returns the connections on which no credentials were accepted yet. */
    public UnauthenticatedConnections unauthenticated() {
        return unauthenticated;
    }

    @Override
    public Message filter(Message request, Chain chain) throws Exception {
        var exchange = (AuthorizedExchange) chain.exchange();
        String text = exchange.header().text(Header.AUTHORIZATION);
        ConnectionCredentials credentials = exchange.credentials();
        long before;
        do { // again if principals were revoked meanwhile: one of them may have been accepted before that
            before = revocations.get();
            Principal known = credentials.principalFor(text);
            if (known == null) {
                authorize(exchange, credentials, text, before);
            } else {
                exchange.accept(known);
            }
        } while (revocations.get() != before);
        return chain.proceed(request);
    }

    /**
     * Has the authorizer decide. What was accepted on the connection before is only replaced if no principals were
     * revoked meanwhile, since the requests without credentials of their own rely on it.
     *
     * @param before the number of revocations before the decision
     */
    private void authorize(
            AuthorizedExchange exchange, ConnectionCredentials credentials, @Nullable String text, long before)
            throws Exception {
        Principal principal = decide(exchange, text);
        exchange.accept(principal);
        if (revocations.get() == before) {
            var own = credentials.accept(text, principal);
            unauthenticated.accepted(exchange.connection());
            if (revocations.get() != before) {
                credentials.forget(own);
            }
        }
    }

    private Principal decide(AuthorizedExchange exchange, @Nullable String text) throws Exception {
        Principal principal = authorizer.authorize(exchange);
        if (principal == null) {
            throw new RequestRejectedException(
                    ErrorCode.UNAUTHORIZED,
                    text == null
                            ? "authorization is missing"
                            : "authorization holds no credentials that are known here");
        }
        return principal;
    }

    /**
     * Called when principals are revoked, before the sessions forget them: what is being authorized now is authorized
     * again.
     */
    public void revoking() {
        revocations.incrementAndGet();
    }
}
