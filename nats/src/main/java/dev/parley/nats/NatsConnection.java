package dev.parley.nats;

import dev.parley.net.LoopObserver;
import io.nats.client.AuthHandler;
import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the broker, with bounded queues and a bounded wait for everything, and reports what happens to the
 * connection.
 */
final class NatsConnection implements ConnectionListener, ErrorListener {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);
    private static final Duration PING = Duration.ofSeconds(2);
    private static final Duration WRITE_TIMEOUT = Duration.ofSeconds(10);

    /**
     * The messages that may wait in the queue of jnats. It is longer than our own bound, so that what jnats sends by
     * itself has room: jnats drops a subscription or a ping for which there is none.
     */
    private static final int OUTGOING_MAX = 2 * OutgoingAccount.MESSAGES_MAX;

    /** The time to wait for the reports of a failed connect, which jnats makes on another thread. */
    private static final Duration REPORT_MAX = Duration.ofMillis(500);

    private static final int DENIALS_MAX = 100;
    private static final long WARN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final NatsAddress address;
    private final LoopObserver observer;
    private final OutgoingAccount account = new OutgoingAccount();
    private volatile Runnable whenLost = () -> {};
    private volatile Runnable whenBack = () -> {};
    private volatile java.util.function.Consumer<Message> whenDiscarded = message -> {};
    private final AtomicLong mayWarnNanos = new AtomicLong(System.nanoTime());
    private final Set<String> denials = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isOpen;
    private volatile boolean closing;

    /** True if the last event says that it is connected. jnats also reports each failed attempt as an end. */
    private boolean isUp;

    /** Shows the certificate of this node; null without TLS. */
    private @Nullable OwnCertificate own;

    /** The last failure that jnats has reported; its own exception from a failed connect says less. */
    private volatile @Nullable Exception lastFailure;

    /** The last error that the broker has reported before we were connected. */
    private volatile @Nullable String lastError;

    /** Makes a connection that is not open yet. */
    NatsConnection(NatsAddress address, LoopObserver observer) {
        this.address = address;
        this.observer = observer;
    }

    /** Sets the callback for a broken connection. A thread of jnats calls it. */
    void whenLost(Runnable task) {
        whenLost = task;
    }

    /** Sets the callback for a connection that was broken and is open again. A thread of jnats calls it. */
    void whenBack(Runnable task) {
        whenBack = task;
    }

    /** Returns the account of the messages that wait to be sent. */
    OutgoingAccount account() {
        return account;
    }

    /** Sets the callback for each message that was dropped before it was sent. A thread of jnats calls it. */
    void whenDiscarded(java.util.function.Consumer<Message> task) {
        whenDiscarded = task;
    }

    /**
     * Connects.
     *
     * @throws IOException if there is no broker, or it refuses us; the message says what to do
     */
    Connection open() throws IOException {
        Options options = options();
        String server = address.broker();
        try {
            Connection connection = Nats.connect(options);
            isOpen = true;
            if (!connection.getServerInfo().isHeadersSupported()) {
                closing = true;
                connection.close();
                throw new IOException("cannot connect to " + server + ": " + ConnectFailures.TOO_OLD);
            }
            return connection;
        } catch (AuthenticationException e) {
            throw new IOException(server + " refuses us: " + e.getMessage() + ConnectFailures.CREDENTIALS, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to " + server, e);
        } catch (IOException e) {
            throw isOpen ? e : new IOException("cannot connect to " + server + ": " + why(e), e);
        }
    }

    private String why(IOException thrown) {
        try {
            var _ = ended.await(REPORT_MAX.toNanos(), TimeUnit.NANOSECONDS); // all reports come before
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ConnectFailures.why(thrown, lastFailure, lastError, own == null ? null : own.refusal());
    }

    /** Returns a handler that reads the file with credentials again for each connection. */
    private static AuthHandler credentials(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException("cannot read the credentials in " + file);
        }
        AuthHandler credentials = Nats.credentials(file.toString());
        char[] token;
        try {
            var _ = credentials.getID();
            token = credentials.getJWT();
        } catch (IllegalStateException broken) { // not the cause: it may show a part of the secret
            token = null;
        }
        if (token == null || token.length == 0) {
            throw new IOException("the credentials in " + file
                    + " are broken: a file of NATS has a JWT and a seed, as nsc generate creds writes them");
        }
        return credentials;
    }

    private Options options() throws IOException {
        Options.Builder options = Options.builder()
                .servers(address.servers().toArray(String[]::new))
                .serverPool(new PersistentServers(RECONNECT_WAIT, LockSupport::parkNanos))
                .connectionName("parley " + address.cluster())
                .connectionTimeout(CONNECT_TIMEOUT)
                .maxReconnects(-1)
                .reconnectWait(RECONNECT_WAIT)
                .reconnectJitter(RECONNECT_WAIT)
                .reconnectBufferSize(0) // what cannot be sent now fails at once, instead of being sent too late
                .maxMessagesInOutgoingQueue(OUTGOING_MAX)
                .statisticsCollector(account)
                .discardMessagesWhenOutgoingQueueFull()
                .pingInterval(PING)
                .maxPingsOut(2)
                .socketWriteTimeout(WRITE_TIMEOUT)
                .reportNoResponders()
                .noEcho()
                // jnats keeps the name of the host, for which the certificate is
                .hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs)
                .connectionListener(this)
                .errorListener(this);
        if (address.user() != null && address.password() != null) {
            options.userInfo(address.user().toCharArray(), address.password().toCharArray());
        } else if (address.user() != null) {
            options.token(address.user().toCharArray());
        }
        if (address.credentials() != null) {
            options.authHandler(credentials(address.credentials()));
        }
        if (address.isEncrypted()) {
            own = OwnCertificate.of(address);
            options.sslContext(BrokerTls.of(address.authorities(), own));
        }
        return options.build();
    }

    /** Says that we end the connection ourselves, so that its end is not warned of. */
    void closing() {
        closing = true;
    }

    private void warn(String what) {
        observer.warned(address.broker() + ": " + what);
    }

    /** Logs a warning that may come often, at most once in ten seconds. */
    void warnSometimes(String what) {
        long now = System.nanoTime();
        long from = mayWarnNanos.get();
        if (now - from >= 0 && mayWarnNanos.compareAndSet(from, now + WARN_EVERY_NANOS)) {
            warn(what);
        }
    }

    /** Warns that too much waits to be sent. */
    void full() {
        warnSometimes("it takes messages too slowly; of the " + OutgoingAccount.MESSAGES_MAX + " messages or "
                + OutgoingAccount.BYTES_MAX / 1024 / 1024
                + " MiB that may wait, so many do that further ones are refused");
    }

    // Called on one thread of jnats.

    @Override
    @SuppressWarnings("deprecation") // the interface has no other method that must be there
    public void connectionEvent(Connection connection, Events type) {
        switch (type) {
            case CONNECTED -> isUp = true;
            case DISCONNECTED -> {
                account.reset();
                whenLost.run();
                if (isUp && !closing) {
                    warn("the connection is lost; requests for other nodes fail until it is back");
                }
                isUp = false;
            }
            case RECONNECTED -> isUp = true;
            case RESUBSCRIBED -> {
                warn("connected again");
                if (!connection.getServerInfo().isHeadersSupported()) {
                    warn(ConnectFailures.TOO_OLD + "; requests for other nodes are not sent");
                }
                whenBack.run();
            }
            case LAME_DUCK -> warn("it is about to stop");
            case CLOSED -> {
                if (!closing && isOpen) {
                    warn("jnats has given up the connection; start this node anew");
                }
                ended.countDown();
            }
            case DISCOVERED_SERVERS -> {}
        }
    }

    @Override
    public void errorOccurred(Connection connection, String error) {
        if (!isOpen) {
            lastError = error;
        }
        if (error.toLowerCase(Locale.ROOT).startsWith("permissions violation")) {
            denied(error);
        } else {
            warnSometimes("it reports an error: " + error);
        }
    }

    /** Warns of each subject that the broker denies us once: what it denies is often asked for once, at the start. */
    private void denied(String error) {
        if (denials.size() < DENIALS_MAX && denials.add(error)) {
            warn("its permissions deny this node what a cluster needs (docs/scaling.md lists it): " + error);
        } else {
            warnSometimes("it reports an error: " + error);
        }
    }

    @Override
    public void exceptionOccurred(Connection connection, Exception exception) {
        lastFailure = exception;
        if (!closing && isOpen) {
            warnSometimes(String.valueOf(exception));
        }
    }

    @Override
    public void slowConsumerDetected(Connection connection, Consumer consumer) {
        warnSometimes("messages come faster than they are handled, and are dropped");
    }

    @Override
    public void messageDiscarded(Connection connection, Message message) {
        String subject = message.getSubject();
        if (subject != null) { // else it is jnats' own, such as a ping
            account.subtract(OutgoingSize.of(subject, message).whole());
        }
        whenDiscarded.accept(message);
        full();
    }

    @Override
    public void socketWriteTimeout(Connection connection) {
        warnSometimes("it takes no bytes");
    }
}
