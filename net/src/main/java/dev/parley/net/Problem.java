package dev.parley.net;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** What kept an address from being listened on or connected to, with the names of errno(3). */
public enum Problem {
    /** Another socket listens there: EADDRINUSE. */
    ADDRESS_IN_USE("address already in use"),
    /** The IP address is not one of this host: EADDRNOTAVAIL. */
    ADDRESS_NOT_HERE("this host has no such address"),
    /** The name has no address; the resolver's, and no errno. */
    HOST_NOT_FOUND("host not found"),
    /** The host answers, and nobody listens there: ECONNREFUSED. */
    REFUSED("connection refused"),
    /** This host, or this JVM, has no addresses of that kind, most often no IPv6: EAFNOSUPPORT. */
    NO_SUCH_FAMILY("this host has no addresses of that family"),
    /** No way leads there: ENETUNREACH, EHOSTUNREACH. */
    UNREACHABLE("unreachable"),
    /** The system does not allow it: EACCES, EPERM. */
    PERMISSION_DENIED("permission denied"),
    /** A file that is no socket of ours is at the path. */
    PATH_EXISTS("the path is already there"),
    /** The path, or the directory it is in, does not exist: ENOENT. */
    NO_SUCH_PATH("no such file or directory"),
    /** The process, or the system, has no file descriptor left: EMFILE, ENFILE. */
    TOO_MANY_OPEN_FILES("too many open files"),
    /** The server is there and has not accepted those before; Unix sockets say so at once: EAGAIN of connect(2). */
    BACKLOG_FULL("the server's queue of new connections is full"),
    /** No answer in time: our own bound, or ETIMEDOUT. */
    TIMED_OUT("timed out"),
    /** The peer broke the connection off while it was made: ECONNRESET. */
    RESET("connection reset"),
    /** Anything else; the cause says more. */
    OTHER("failed");

    private final String text;

    Problem(String text) {
        this.text = text;
    }

    /** {@return the problem in words, without a closing stop} */
    public String text() {
        return text;
    }

    /** The problem behind what the JDK threw; the texts are those of errno(3) that the JDK passes on. */
    static Problem of(Throwable thrown) {
        if (thrown instanceof UnknownHostException) {
            return HOST_NOT_FOUND;
        }
        if (thrown instanceof FileAlreadyExistsException) {
            return PATH_EXISTS;
        }
        if (thrown instanceof NoSuchFileException) {
            return NO_SUCH_PATH;
        }
        if (thrown instanceof AccessDeniedException) {
            return PERMISSION_DENIED;
        }
        Problem known = ofMessage(String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT));
        return known == OTHER ? ofType(thrown) : known;
    }

    /** The system's texts may be in another language; the type of what was thrown says less. */
    private static Problem ofType(Throwable thrown) {
        return switch (thrown) {
            case NoRouteToHostException _ -> UNREACHABLE;
            case ConnectException _ -> REFUSED;
            default -> OTHER;
        };
    }

    private static Problem ofMessage(String message) {
        if (message.contains("in use")) {
            return ADDRESS_IN_USE;
        }
        if (message.contains("cannot assign requested address") || message.contains("can't assign")) {
            return ADDRESS_NOT_HERE;
        }
        if (message.contains("family not supported") || message.contains("family unavailable")) {
            return NO_SUCH_FAMILY;
        }
        if (message.contains("refused")) {
            return REFUSED;
        }
        if (message.contains("unreachable") || message.contains("no route to host")) {
            return UNREACHABLE;
        }
        if (message.contains("permission denied") || message.contains("not permitted")) {
            return PERMISSION_DENIED;
        }
        if (message.contains("no such file")) {
            return NO_SUCH_PATH;
        }
        if (message.contains("too many open files")) {
            return TOO_MANY_OPEN_FILES;
        }
        if (message.contains("temporarily unavailable")) {
            return BACKLOG_FULL;
        }
        if (message.contains("timed out")) {
            return TIMED_OUT;
        }
        return message.contains("reset") ? RESET : OTHER;
    }
}
