package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.net.ConnectionInfo;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Accepts requests with valid credentials, and remembers their connections: a request without credentials is accepted
 * if an earlier request of its connection was. {@link Filters#authorization} creates it. Any thread may use it.
 */
final class Authorization implements Filter {
    private static final String AUTHORIZATION = "authorization";

    private final Predicate<String> accepts;
    private final Consumer<ConnectionInfo> accepted;
    private final Map<ConnectionInfo, Boolean> known = Collections.synchronizedMap(new WeakHashMap<>());

    Authorization(Predicate<String> accepts) {
        this(accepts, connection -> {});
    }

    private Authorization(Predicate<String> accepts, Consumer<ConnectionInfo> accepted) {
        this.accepts = accepts;
        this.accepted = accepted;
    }

    /**
     * Returns a copy of this filter for one server. The copy notifies the server when it accepts credentials on a
     * connection for the first time.
     */
    Authorization telling(Consumer<ConnectionInfo> server) {
        return new Authorization(accepts, server);
    }

    @Override
    public Message filter(Message request, Chain chain) throws Exception {
        String own = request.header().text(AUTHORIZATION);
        Optional<ConnectionInfo> connection = chain.exchange().map(Exchange::connection);
        if (own == null && !connection.map(known::containsKey).orElse(false)) {
            throw new RefusedRequestException(ErrorCode.UNAUTHORIZED, "authorization is missing");
        }
        if (own != null && !accepts.test(own)) {
            throw new RefusedRequestException(
                    ErrorCode.UNAUTHORIZED, "authorization holds no credentials that are known here");
        }
        if (own != null) {
            connection.filter(each -> known.put(each, true) == null).ifPresent(accepted);
        }
        return chain.proceed(request);
    }
}
