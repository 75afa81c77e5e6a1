package dev.parley.server;

import dev.parley.Authorizer;
import dev.parley.Filter;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * The outermost filter of a server that requires credentials: it asks the application's {@link Authorizer}, and
 * remembers what was accepted on each connection. Any thread may use it.
 */
public final class Authorization implements Filter {
    private final Authorizer authorizer;
    private final UnauthenticatedConnections unauthenticated = new UnauthenticatedConnections();

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
        long revision;
        do { // again if principals were revoked meanwhile: the revocation may not have seen the principal here
            revision = credentials.revision();
            Principal known = credentials.principalFor(text);
            if (known == null) {
                authorize(exchange, credentials, text, revision);
            } else {
                exchange.accept(known);
            }
        } while (credentials.revision() != revision);
        return chain.proceed(request);
    }

    private void authorize(
            AuthorizedExchange exchange, ConnectionCredentials credentials, @Nullable String text, long revision)
            throws Exception {
        Principal principal = decide(exchange, text);
        exchange.accept(principal);
        if (credentials.accept(text, principal, revision)) {
            unauthenticated.accepted(exchange.connection());
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
}
