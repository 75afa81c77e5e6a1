package dev.parley.net.nio;

import dev.parley.net.transport.PeerCredentials;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Asks for the process at the other end of a Unix socket. The JDK gives the names of its user and its group, and not
 * their numbers. But a name that is a number is that of the user with this number, if there is no such name; and two
 * principals with the same number are equal. So a number that is guessed can be proved.
 */
final class UnixPeer {
    private UnixPeer() {}

    /** Returns the credentials; empty if the system does not say them, or the socket is closed. */
    static Optional<PeerCredentials> credentials(SocketChannel socket) {
        try {
            UnixDomainPrincipal peer = socket.getOption(ExtendedSocketOptions.SO_PEERCRED);
            long uid = uid(peer.user());
            long gid = gid(peer.group());
            return uid < 0 || gid < 0 ? Optional.empty() : Optional.of(new PeerCredentials(uid, gid, 0));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    private static UserPrincipalLookupService names() {
        return FileSystems.getDefault().getUserPrincipalLookupService();
    }

    /** Returns the number of a user; -1 if it cannot be found out. The guess is the hash code of the JDK's class. */
    private static long uid(UserPrincipal user) throws IOException {
        long guess = Integer.toUnsignedLong(user.hashCode());
        return names().lookupPrincipalByName(Long.toString(guess)).equals(user) ? guess : -1;
    }

    private static long gid(GroupPrincipal group) throws IOException {
        long guess = Integer.toUnsignedLong(group.hashCode());
        return names().lookupPrincipalByGroupName(Long.toString(guess)).equals(group) ? guess : -1;
    }
}
