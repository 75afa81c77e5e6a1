package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Filter;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.net.ConnectionInfo;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests a revocation on the loop while a handler's thread is between the steps of the authorization. */
class AuthorizationRaceTest {
    private static final Principal ANN = () -> "ann";

    private final ConnectionCredentials credentials = new ConnectionCredentials();
    private final List<Principal> asked = new ArrayList<>();
    private final Message request = Message.text("x");
    private @Nullable Principal granted = ANN;
    private @Nullable Principal accepted;
    private Runnable beforeAccept = () -> {};

    private final Authorization authorization = new Authorization(exchange -> {
        asked.add(granted);
        return granted;
    });

    private final ConnectionInfo connection = proxy(ConnectionInfo.class);
    private final AuthorizedExchange exchange = proxy(AuthorizedExchange.class);

    private <T> T proxy(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "credentials" -> credentials;
                    case "header" -> request.header();
                    case "connection" -> connection;
                    case "hashCode" -> 1;
                    case "accept" -> accept((Principal) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                }));
    }

    private @Nullable Object accept(Principal principal) {
        Runnable before = beforeAccept;
        beforeAccept = () -> {};
        before.run();
        accepted = principal;
        return null;
    }

    /** Revokes as the loop does, which does not find the request yet, because the request has no principal. */
    private void revoke() {
        granted = null;
        credentials.revoke(principal -> principal.equals(ANN));
    }

    private Message filter() throws Exception {
        return authorization.filter(request, new Filter.Chain() {
            @Override
            public Message proceed(Message passed) {
                return passed;
            }

            @Override
            public AuthorizedExchange exchange() {
                return exchange;
            }

            @Override
            public @Nullable String action() {
                return null;
            }
        });
    }

    @Test
    void aRememberedPrincipalThatIsRevokedMeanwhileDoesNotPass() throws Exception {
        assertThat(filter()).isEqualTo(request);
        assertThat(filter()).isEqualTo(request);
        assertThat(asked).containsExactly(ANN);
        beforeAccept = this::revoke;
        assertThatThrownBy(this::filter).isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void aPrincipalThatIsRevokedWhileItIsAcceptedIsNotRemembered() {
        beforeAccept = this::revoke;
        assertThatThrownBy(this::filter).isInstanceOf(RequestRejectedException.class);
        assertThat(credentials.principalFor(null)).isNull();
    }

    @Test
    void aRevocationOfAnotherPrincipalIsHarmless() throws Exception {
        beforeAccept = () -> credentials.revoke(principal -> false);
        assertThat(filter()).isEqualTo(request);
        assertThat(accepted).isEqualTo(ANN);
        assertThat(credentials.principalFor(null)).isEqualTo(ANN);
    }

    /** A thread that sees the new revision must not see the principal that was revoked. */
    @Test
    void aRevocationIsOneStep() {
        credentials.accept("ann's", ANN, 0);
        credentials.revoke(principal -> {
            assertThat(credentials.revision()).isZero();
            return true;
        });
        assertThat(credentials.revision()).isEqualTo(1);
        assertThat(credentials.principalFor(null)).isNull();
    }
}
