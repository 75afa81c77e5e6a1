package dev.parley.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** A connect that failed: the address, every endpoint that was tried and how it ended, and what to do. */
public final class ConnectFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** One endpoint that was tried, and what came of it. */
    public record Attempt(SocketAddress endpoint, Problem problem, String detail) {
        static Attempt of(SocketAddress endpoint, IOException cause) {
            Problem problem = Problem.of(cause);
            String detail = problem == Problem.OTHER ? String.valueOf(cause.getMessage()) : problem.text();
            return new Attempt(endpoint, problem, detail);
        }
    }

    private final transient Address address;
    private final transient List<Attempt> attempts;
    private final Problem problem;

    private ConnectFailedException(Address address, Problem problem, List<Attempt> attempts, String message) {
        super(message);
        this.address = address;
        this.problem = problem;
        this.attempts = attempts;
    }

    static ConnectFailedException unknownHost(Address address, Exception cause) {
        var failed = new ConnectFailedException(
                address,
                Problem.HOST_NOT_FOUND,
                List.of(),
                "cannot connect to " + address + ": host not found; check the spelling and the network");
        failed.initCause(cause);
        return failed;
    }

    static ConnectFailedException timedOut(Address address, List<Attempt> attempts, boolean resolved, Duration after) {
        String phase = resolved ? "no answer" : "the name was not resolved";
        return new ConnectFailedException(
                address,
                Problem.TIMED_OUT,
                attempts,
                "cannot connect to " + address + ": timed out after " + Durations.text(after) + " (" + phase + ")"
                        + tried(address, attempts) + "; is a firewall in between?");
    }

    static ConnectFailedException allFailed(Address address, List<Attempt> attempts) {
        Problem problem = attempts.getLast().problem();
        String what = attempts.stream().map(Attempt::detail).distinct().collect(Collectors.joining("; "));
        return new ConnectFailedException(
                address,
                problem,
                attempts,
                "cannot connect to " + address + ": " + what + tried(address, attempts) + hint(problem, address));
    }

    private static String tried(Address address, List<Attempt> attempts) {
        boolean nothingNew = attempts.isEmpty()
                || attempts.size() == 1
                        && Address.of(attempts.getFirst().endpoint()).equals(address);
        if (nothingNew) {
            return "";
        }
        return attempts.stream()
                .map(attempt -> Address.of(attempt.endpoint()) + " " + attempt.detail())
                .collect(Collectors.joining(", ", " (tried ", ")"));
    }

    private static String hint(Problem problem, Address address) {
        return switch (problem) {
            case REFUSED ->
                address instanceof Address.Unix unix
                        ? hintAtPath(unix)
                        : "; is the server started, and is the port right?";
            case NO_SUCH_PATH -> "; is the server started, and is the path right?";
            case PERMISSION_DENIED -> "; the socket, or a directory on the way to it, is not open to this user";
            case UNREACHABLE -> "; check the network";
            case TOO_MANY_OPEN_FILES -> "; raise the limit with ulimit -n, or open fewer connections";
            default -> "";
        };
    }

    /** The system refuses a connection to any file that is no socket just as it does where the server is gone. */
    private static String hintAtPath(Address.Unix unix) {
        Path path = unix.path();
        if (Files.isDirectory(path)) {
            return "; the path is a directory, and no socket";
        }
        return Files.isRegularFile(path)
                ? "; the path is a file, and no socket"
                : "; the socket file is there, but its server is not: start it";
    }

    /** The address that was asked for. */
    public Address address() {
        return address;
    }

    /** Each endpoint that was tried, in order; empty when the name was not resolved. */
    public List<Attempt> attempts() {
        return attempts;
    }

    /** What kept the last attempt from succeeding. */
    public Problem problem() {
        return problem;
    }
}
