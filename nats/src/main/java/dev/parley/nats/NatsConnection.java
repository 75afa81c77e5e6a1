package dev.parley.nats;

import dev.parley.net.LoopObserver;
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
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
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

    /** The messages that may wait to be sent. Further ones are dropped, and their requests time out. */
    static final int OUTGOING_MAX = 5_000;

    private static final long WARN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final NatsAddress address;
    private final LoopObserver observer;
    private volatile Runnable whenLost = () -> {};
    private volatile java.util.function.Consumer<Message> whenDiscarded = message -> {};
    private final AtomicLong mayWarnNanos = new AtomicLong(System.nanoTime());
    private volatile boolean isOpen;
    private volatile boolean closing;

    /** The last failure that jnats has reported; its own exception from a failed connect says less. */
    private volatile @Nullable Exception lastFailure;

    /** Makes a connection that is not open yet. */
    NatsConnection(NatsAddress address, LoopObserver observer) {
        this.address = address;
        this.observer = observer;
    }

    /** Sets what is called, on a thread of jnats, when an open connection has broken. */
    void whenLost(Runnable task) {
        whenLost = task;
    }

    /** Sets what is called, on a thread of jnats, with each message that was dropped before it was sent. */
    void whenDiscarded(java.util.function.Consumer<Message> task) {
        whenDiscarded = task;
    }

    /**
     * Connects.
     *
     * @throws IOException if there is no broker, or it refuses us; the message says what to do
     */
    Connection open() throws IOException {
        try {
            Connection connection = Nats.connect(options());
            isOpen = true;
            return connection;
        } catch (AuthenticationException e) {
            throw new IOException(
                    "the NATS server " + address.server() + " refuses us: " + e.getMessage()
                            + "; give the user and password in the address, or ?credentials=FILE",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to the NATS server " + address.server(), e);
        } catch (IOException e) {
            throw new IOException("cannot connect to the NATS server " + address.server() + ": " + why(e), e);
        }
    }

    private String why(IOException e) {
        Exception reported = lastFailure;
        String words = String.valueOf(reported == null ? e.getMessage() : reported.getMessage());
        if (words.contains("SSL required")) {
            return "it wants TLS: add ?tls=true or ?ca=FILE to the address";
        }
        if (words.contains("No subject alternative") || words.contains("No name matching")) {
            return "its certificate is not for that host (" + words + "); connect by one of its names";
        }
        if (words.contains("does not support")) {
            return "it is too old: a nats-server of version 2.2 or later is needed";
        }
        if (words.contains("SSL connection wanted")) {
            return "it has no TLS: leave out tls and ca in the address";
        }
        if (words.contains("Authorization") || words.contains("Authentication")) {
            return words + "; give the user and password in the address, or ?credentials=FILE";
        }
        return words + "; is it started, and is the port right?";
    }

    private Options options() throws IOException {
        Options.Builder options = Options.builder()
                .server(address.server())
                .serverPool(new PersistentServers(RECONNECT_WAIT))
                .connectionName("parley " + address.cluster())
                .connectionTimeout(CONNECT_TIMEOUT)
                .maxReconnects(-1)
                .reconnectWait(RECONNECT_WAIT)
                .reconnectJitter(RECONNECT_WAIT)
                .reconnectBufferSize(0) // what cannot be sent now fails at once, instead of being sent too late
                .maxMessagesInOutgoingQueue(OUTGOING_MAX)
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
            if (!Files.isReadable(address.credentials())) {
                throw new IOException("cannot read the credentials in " + address.credentials());
            }
            options.authHandler(Nats.credentials(address.credentials().toString()));
        }
        if (address.isEncrypted()) {
            options.sslContext(BrokerTls.trusting(address.authorities()));
        }
        return options.build();
    }

    /** Says that we end the connection ourselves, so that its end is not warned of. */
    void closing() {
        closing = true;
    }

    private void warn(String what) {
        observer.warned("the NATS server " + address.server() + ": " + what);
    }

    /** Warns of what may happen often, at most once in ten seconds. */
    private void warnSometimes(String what) {
        long now = System.nanoTime();
        long from = mayWarnNanos.get();
        if (now - from >= 0 && mayWarnNanos.compareAndSet(from, now + WARN_EVERY_NANOS)) {
            warn(what);
        }
    }

    // Called on threads of jnats.

    @Override
    @SuppressWarnings("deprecation") // the interface has no other method that must be there
    public void connectionEvent(Connection connection, Events type) {
        switch (type) {
            case DISCONNECTED -> {
                whenLost.run();
                if (!closing) {
                    warn("the connection is lost; requests for other nodes fail until it is back");
                }
            }
            case RECONNECTED, RESUBSCRIBED -> {
                if (type == Events.RESUBSCRIBED) {
                    warn("connected again");
                }
            }
            case LAME_DUCK -> warn("it is about to stop");
            case CLOSED -> {
                if (!closing && isOpen) {
                    warn("jnats has given up the connection; start this node anew");
                }
            }
            case CONNECTED, DISCOVERED_SERVERS -> {}
        }
    }

    @Override
    public void errorOccurred(Connection connection, String error) {
        warnSometimes("it reports an error: " + error);
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
        whenDiscarded.accept(message);
        warnSometimes("it takes messages too slowly; " + OUTGOING_MAX + " wait, and further ones are dropped");
    }

    @Override
    public void socketWriteTimeout(Connection connection) {
        warnSometimes("it takes no bytes");
    }
}
