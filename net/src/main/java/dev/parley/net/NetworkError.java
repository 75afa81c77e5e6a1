package dev.parley.net;

import dev.parley.net.tls.TlsException;
import dev.parley.net.transport.SystemCallException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * The reason, with its short words for people, why it was not possible to listen on an address, or to connect to it,
 * such as {@code connection refused}. The comment of each constant names the errors of errno(3) that it stands
 * for.
 */
public enum NetworkError {
    /** Another socket uses the address: EADDRINUSE. */
    ADDRESS_IN_USE("address already in use"),
    /** This host does not have the IP address: EADDRNOTAVAIL. */
    ADDRESS_NOT_HERE("this host has no such address"),
    /** No local port is free: EADDRINUSE of bind(2) with port 0, EADDRNOTAVAIL of connect(2). */
    NO_LOCAL_PORT("no local port is free"),
    /** The name has no address; the resolver reports it, and it has no errno. */
    HOST_NOT_FOUND("host not found"),
    /** The host responds, but no process listens there: ECONNREFUSED. */
    REFUSED("connection refused"),
    /** This host, or this JVM, does not support the address family: EAFNOSUPPORT. Most often it lacks IPv6. */
    NO_SUCH_FAMILY("this host has no addresses of that family"),
    /** There is no route to the host: ENETUNREACH, EHOSTUNREACH. */
    UNREACHABLE("unreachable"),
    /** The system does not allow it: EACCES, EPERM. */
    PERMISSION_DENIED("permission denied"),
    /** A file that is not a socket of ours is at the path. */
    PATH_EXISTS("the path already exists"),
    /** The path, or the directory it is in, does not exist: ENOENT. */
    NO_SUCH_PATH("no such file or directory"),
    /** The process, or the system, has no file descriptor left: EMFILE, ENFILE. */
    TOO_MANY_OPEN_FILES("too many open files"),
    /**
     * The server is there, but its queue is full of connections that it has not accepted yet. Unix sockets report this
     * at once: EAGAIN of connect(2).
     */
    BACKLOG_FULL("the server's queue of new connections is full"),
    /** No response came within our own timeout, or within that of the system: ETIMEDOUT. */
    TIMED_OUT("timed out"),
    /** The peer reset the connection while it was being established: ECONNRESET. */
    RESET("connection reset"),
    /** The peer and this side did not agree on TLS; the message of the exception says why. */
    TLS("the TLS handshake failed"),
    /** Any other reason; the message of the exception gives it in the system's own words. */
    OTHER("failed");

    private final String text;

    NetworkError(String text) {
        this.text = text;
    }

    /** {@return the reason in words, without a full stop at the end} */
    public String text() {
        return text;
    }

    /**
     * Returns the reason for an exception that a transport threw. If the exception has an error number, that number
     * decides. Otherwise the type of the exception decides, and otherwise its message, which is in the system's
     * language.
     */
    static NetworkError of(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof SystemCallException call) {
                return ofNumber(call.errno());
            }
        }
        return switch (thrown) {
            case TlsException _ -> TLS;
            case UnknownHostException _ -> HOST_NOT_FOUND;
            case FileAlreadyExistsException _ -> PATH_EXISTS;
            case NoSuchFileException _ -> NO_SUCH_PATH;
            case AccessDeniedException _ -> PERMISSION_DENIED;
            case NoRouteToHostException _ -> UNREACHABLE;
            default -> ofWords(thrown);
        };
    }

    /** Returns the reason that an error number means on Linux, for x86-64 and AArch64. */
    private static NetworkError ofNumber(int errno) {
        return switch (errno) {
            case 98 -> ADDRESS_IN_USE;
            case 99 -> ADDRESS_NOT_HERE;
            case 97 -> NO_SUCH_FAMILY;
            case 111 -> REFUSED;
            case 101, 113 -> UNREACHABLE;
            case 1, 13 -> PERMISSION_DENIED;
            case 2 -> NO_SUCH_PATH;
            case 23, 24 -> TOO_MANY_OPEN_FILES;
            case 11 -> BACKLOG_FULL;
            case 110 -> TIMED_OUT;
            case 104 -> RESET;
            default -> OTHER;
        };
    }

    private static NetworkError ofWords(Throwable thrown) {
        String words = thrown instanceof FileSystemException file ? file.getReason() : thrown.getMessage();
        NetworkError known = words == null ? OTHER : SystemMessages.HERE.networkError(words);
        if (known != OTHER || !(thrown instanceof ConnectException)) {
            return known;
        }
        return SystemMessages.HERE.mayBeTimeout() ? TIMED_OUT : REFUSED;
    }
}
