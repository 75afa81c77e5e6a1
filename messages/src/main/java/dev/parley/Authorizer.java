package dev.parley;

import dev.parley.frame.Header;
import dev.parley.net.transport.PeerCredentials;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may use a server; set by {@link ServerBuilder#authorization}. It sees a request before every
 * filter and handler does, and says whose request it is.
 *
 * {@snippet :
 * Map<String, Principal> users = Map.of("Bearer 2f0c9d4e", () -> "ann");
 * Server server = Server.builder()
 *         .authorization(Authorizer.byCredentials(users::get))
 *         .on("who", (request, exchange) -> Message.text(exchange.principal().orElseThrow().getName()))
 *         .listen("tcp://localhost:0");
 * }
 */
@FunctionalInterface
public interface Authorizer {
    /**
     * Decides about a request. It runs on the thread of the handler, so for a handler on the loop it must not block. It
     * is called for the first request of a connection, for each request whose key {@code authorization} differs from
     * the accepted one, and again after {@link Server#revoke}.
     *
     * <p>Compare secrets with {@link java.security.MessageDigest#isEqual}, which takes as long for a wrong secret as
     * for the right one, or look them up by a hash.
     *
     * @param exchange the exchange, with the header and the connection of the client
     * @return the principal, which {@link Exchange#principal} returns; null to refuse the request with {@code
     *     unauthorized}
     * @throws RequestRejectedException to refuse the request with another code, such as {@code forbidden}
     * @throws Exception any other exception is answered with {@code internal}; the exception is logged
     */
    @Nullable
    Principal authorize(Exchange exchange) throws Exception;

    /**
     * {@return an authorizer that decides by the certificate of the client alone, and refuses a client without one} The
     * server must ask for it: see {@link dev.parley.net.tls.Tls.Builder#clientAuthorities}.
     *
     * {@snippet :
     * Authorizer bySubject = Authorizer.byCertificate(X509Certificate::getSubjectX500Principal);
     * }
     *
     * @param principals returns the principal of a certificate, which was verified; null to refuse it
     */
    static Authorizer byCertificate(Function<X509Certificate, @Nullable Principal> principals) {
        return exchange -> {
            List<X509Certificate> shown = exchange.connection().peerCertificates();
            return shown.isEmpty() ? null : principals.apply(shown.getFirst());
        };
    }

    /**
     * {@return an authorizer that decides by the process at the other end of a Unix socket alone, and refuses a client
     * of which the system does not say who it is} The kernel vouches for the ids (SO_PEERCRED in unix(7)).
     *
     * {@snippet :
     * Map<Long, Principal> users = Map.of(1000L, () -> "ann");
     * Authorizer byUser = Authorizer.byPeerCredentials(peer -> users.get(peer.uid()));
     * }
     *
     * @param principals returns the principal of a process; null to refuse it
     */
    static Authorizer byPeerCredentials(Function<PeerCredentials, @Nullable Principal> principals) {
        return exchange -> {
            PeerCredentials peer = exchange.connection().peerCredentials().orElse(null);
            return peer == null ? null : principals.apply(peer);
        };
    }

    /**
     * {@return an authorizer that decides by the key {@code authorization} alone, and refuses a request without it}
     *
     * @param principals returns the principal of a value, such as {@code Bearer …}; null to refuse it
     */
    static Authorizer byCredentials(Function<String, @Nullable Principal> principals) {
        return exchange -> {
            String credentials = exchange.header().text(Header.AUTHORIZATION);
            return credentials == null ? null : principals.apply(credentials);
        };
    }
}
