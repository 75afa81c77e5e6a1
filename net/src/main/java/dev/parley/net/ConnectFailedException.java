package dev.parley.net;

import dev.parley.net.text.Durations;
import dev.parley.net.text.SafeText;
import dev.parley.net.tls.TlsException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Thrown if a connect fails. The message is a sentence for people: it names the address, every endpoint that was tried
 * with its outcome, and what to do.
 *
 * {@snippet :
 * try (var connection = Connection.connect("tcp://localhost:65432")) {
 *     connection.out().write(1);
 * } catch (ConnectFailedException e) {
 *     System.err.println(e.getMessage()); // one sentence for people
 *     boolean notStarted = e.networkError() == NetworkError.REFUSED;
 *     System.err.println(notStarted + " after " + e.attempts().size() + " attempts");
 * }
 * }
 */
public final class ConnectFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The outcome of an attempt whose server has accepted the connection, and says nothing. */
    static final String SILENT = "connected, but no TLS answer";

    /**
     * One endpoint that was tried, and why the attempt failed.
     *
     * @param endpoint the resolved address
     * @param networkError the reason why the attempt failed
     * @param detail the reason in words; for {@link NetworkError#OTHER} they are the system's own words,
     *     and for {@link NetworkError#TLS} they say what was not accepted
     */
    public record Attempt(SocketAddress endpoint, NetworkError networkError, String detail) {
        static Attempt of(SocketAddress endpoint, IOException cause) {
            NetworkError networkError = LocalAddresses.networkErrorOfConnect(endpoint, cause);
            String detail =
                    switch (networkError) {
                        case OTHER, TLS -> String.valueOf(cause.getMessage());
                        case NO_LOCAL_PORT -> networkError.text() + " towards " + Address.of(endpoint);
                        default -> networkError.text();
                    };
            return new Attempt(endpoint, networkError, detail);
        }
    }

    private final transient Address address;
    private final transient List<Attempt> attempts;
    private final NetworkError networkError;

    private ConnectFailedException(Address address, NetworkError networkError, List<Attempt> attempts, String message) {
        super(message);
        this.address = address;
        this.networkError = networkError;
        this.attempts = attempts;
    }

    static ConnectFailedException unknownHost(Address address, Exception cause) {
        var failed = new ConnectFailedException(
                address,
                NetworkError.HOST_NOT_FOUND,
                List.of(),
                "cannot connect to " + address + ": host not found; check the spelling and the network");
        failed.initCause(cause);
        return failed;
    }

    /** Returns the failure of a connect whose {@link HostResolver} threw an exception that it must not throw. */
    static ConnectFailedException resolverThrew(Address address, Throwable thrown) {
        var failed = new ConnectFailedException(
                address,
                NetworkError.OTHER,
                List.of(),
                "cannot connect to " + address + ": the resolver of host names threw "
                        + SafeText.text(String.valueOf(thrown)));
        failed.initCause(thrown);
        return failed;
    }

    static ConnectFailedException timedOut(Address address, List<Attempt> attempts, boolean resolved, Duration after) {
        boolean full = attempts.stream().anyMatch(each -> each.networkError() == NetworkError.BACKLOG_FULL);
        boolean silent = attempts.stream().anyMatch(each -> each.detail().equals(SILENT));
        String answer = full ? NetworkError.BACKLOG_FULL.text() : silent ? SILENT : "no answer";
        String phase = resolved ? answer : "the name was not resolved";
        return new ConnectFailedException(
                address,
                NetworkError.TIMED_OUT,
                attempts,
                "cannot connect to " + address + ": timed out after " + Durations.text(after) + " (" + phase + ")"
                        + tried(address, attempts) + hintAfterTimeout(address, full, silent));
    }

    private static String hintAfterTimeout(Address address, boolean full, boolean silent) {
        if (full) {
            return hint(NetworkError.BACKLOG_FULL, address, List.of());
        }
        if (silent) {
            return "; does the server speak TLS?";
        }
        return address instanceof Address.Inet ? "; is a firewall in between?" : "";
    }

    static ConnectFailedException allFailed(Address address, List<Attempt> attempts, @Nullable IOException last) {
        // An attempt that failed because this host lacks the address family, or has no address of that family, says
        // little. Such attempts are left out if another attempt failed for another reason.
        List<Attempt> telling = attempts.stream()
                .filter(each -> each.networkError() != NetworkError.NO_SUCH_FAMILY
                        && each.networkError() != NetworkError.ADDRESS_NOT_HERE)
                .toList();
        if (telling.isEmpty()) {
            telling = attempts;
        }
        NetworkError networkError = telling.getLast().networkError();
        String what = telling.stream().map(Attempt::detail).distinct().collect(Collectors.joining("; "));
        var failed = new ConnectFailedException(
                address,
                networkError,
                attempts,
                "cannot connect to " + address + ": " + what + tried(address, attempts)
                        + hint(networkError, address, telling));
        if (last instanceof TlsException) {
            failed.initCause(last);
        }
        return failed;
    }

    private static String tried(Address address, List<Attempt> attempts) {
        boolean nothingNew = attempts.isEmpty()
                || attempts.size() == 1
                        && Endpoints.address(address, attempts.getFirst().endpoint())
                                .equals(address);
        if (nothingNew) {
            return "";
        }
        return attempts.stream()
                .map(attempt -> Endpoints.address(address, attempt.endpoint()) + " "
                        + (attempt.networkError() == NetworkError.TLS
                                ? NetworkError.TLS.text() // the detail is a sentence, which stands in front already
                                : attempt.detail()))
                .collect(Collectors.joining(", ", " (tried ", ")"));
    }

    private static String hint(NetworkError networkError, Address address, List<Attempt> attempts) {
        return switch (networkError) {
            case REFUSED ->
                switch (address) {
                    case Address.Unix unix -> hintAtPath(unix);
                    case Address.Mem _ -> "; is the server started, with the same MemNetwork?";
                    case Address.Inet _ -> hintAtFamily(address, attempts);
                };
            case NO_SUCH_PATH -> "; is the server started, and is the path right?";
            case PERMISSION_DENIED ->
                address instanceof Address.Unix
                        ? "; this user may not open the socket, or a directory in its path"
                        : "; a firewall of this host, or the sandbox of this program, forbids it";
            case UNREACHABLE -> "; check the network";
            case NO_SUCH_FAMILY ->
                "; connect to localhost or 127.0.0.1, or let the JVM use IPv6" + " (java.net.preferIPv4Stack)";
            case RESET -> "; does that server accept connections from here?";
            case BACKLOG_FULL -> "; the server does not accept: is it stuck?";
            case NO_LOCAL_PORT ->
                ": too many connections to it are open or in TIME_WAIT; use fewer, or widen"
                        + " net.ipv4.ip_local_port_range";
            case TOO_MANY_OPEN_FILES -> "; raise the limit with ulimit -n, or open fewer connections";
            default -> "";
        };
    }

    private static String hintAtFamily(Address address, List<Attempt> attempts) {
        return FamilyMismatch.listening(
                        address, attempts.stream().map(Attempt::endpoint).toList())
                .map(other ->
                        "; but a server listens on " + other + ": connect to that, or to localhost, which means both")
                .orElse("; is the server started, and is the port right?");
    }

    /**
     * Returns a hint that says what is at the path. The system reports the same error for a file that is not a socket
     * and for a socket whose server is gone.
     */
    private static String hintAtPath(Address.Unix unix) {
        Path path = unix.path();
        if (Files.isDirectory(path)) {
            return "; the path is a directory, not a socket";
        }
        return Files.isRegularFile(path)
                ? "; the path is a file, not a socket"
                : "; the socket file exists, but its server is not running: start it";
    }

    /**
     * {@return a copy of this exception, so that another thread can throw it; the stack trace of the copy is the
     * caller's}
     */
    public ConnectFailedException copy() {
        var copy = new ConnectFailedException(address, networkError, attempts, String.valueOf(getMessage()));
        copy.initCause(getCause());
        return copy;
    }

    /** {@return the address that the caller asked to connect to; null after serialization} */
    public Address address() {
        return address;
    }

    /**
     * {@return each endpoint that was tried, in order; empty if the name was not resolved; null after serialization}
     */
    public List<Attempt> attempts() {
        return attempts;
    }

    /**
     * {@return the reason why the connect failed} If several attempts failed, this is the reason of the last one. A
     * failure that only says that this host lacks an address family, or its loopback address, counts only if all
     * attempts failed so.
     */
    public NetworkError networkError() {
        return networkError;
    }
}
