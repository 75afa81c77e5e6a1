package dev.parley.server;

import dev.parley.link.ServerExchange;
import java.security.Principal;

/** An exchange as the authorization of its server sees it. Used on the handler's thread. */
interface AuthorizedExchange extends ServerExchange {
    /** Returns the credentials that were accepted on the connection. */
    ConnectionCredentials credentials();

    /** Sets the principal whose request this is. Called before the filters of the application. */
    void accept(Principal principal);
}
