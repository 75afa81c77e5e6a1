package dev.parley.net.transport;

import java.util.Arrays;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The users that may connect to the Unix sockets on which a loop listens: the mode and the group of the socket's file,
 * which the kernel checks (unix(7)), and the users whose connections are accepted. Set by {@link
 * SocketOptions#withUnixAccess}. Immutable.
 *
 * {@snippet :
 * UnixAccess access = UnixAccess.OWNER.withMode(0660).withGroup("web").withUids(33, 1000);
 * EventLoop loop = EventLoop.builder()
 *         .socketOptions(SocketOptions.DEFAULT.withUnixAccess(access))
 *         .start();
 * }
 */
public final class UnixAccess {
    /** The default: mode 0600, so only the user of this process, and root, may connect. */
    public static final UnixAccess OWNER = new UnixAccess(0600, null, new TreeSet<>());

    private static final int MODE_MAX = 0777;

    private final int mode;
    private final @Nullable String group;
    private final SortedSet<Long> uids;

    private UnixAccess(int mode, @Nullable String group, SortedSet<Long> uids) {
        this.mode = mode;
        this.group = group;
        this.uids = uids;
    }

    /** {@return the mode of the socket's file, from 0 to 0777; connecting needs the right to write; default 0600} */
    public int mode() {
        return mode;
    }

    /**
     * {@return this access with another mode} The file never has more rights than these, not even for a moment.
     *
     * @param value from 0 to 0777, such as {@code 0660}
     * @throws IllegalArgumentException if the value is out of range
     */
    public UnixAccess withMode(int value) {
        if (value < 0 || value > MODE_MAX) {
            throw new IllegalArgumentException(
                    "the mode of a socket is 0" + Integer.toOctalString(value) + "; it must be from 0 to 0777");
        }
        return new UnixAccess(value, group, uids);
    }

    /** {@return the group of the socket's file; empty, the default, for the one that the system sets} */
    public Optional<String> group() {
        return Optional.ofNullable(group);
    }

    /**
     * {@return this access with another group} This process must be a member of it, or run as root.
     *
     * @param nameOrGid the name of the group, or its number
     */
    public UnixAccess withGroup(String nameOrGid) {
        if (nameOrGid.isBlank()) {
            throw new IllegalArgumentException("the group of a socket needs a name");
        }
        return new UnixAccess(mode, nameOrGid, uids);
    }

    /**
     * {@return this access for these users alone} A connection of another user is closed before a byte of it is read.
     * The mode must let these users connect, too.
     *
     * @param values the user ids, from 0 to 4,294,967,294; none to accept every user that the mode lets connect
     * @throws IllegalArgumentException if a value is out of range
     */
    public UnixAccess withUids(long... values) {
        for (long uid : values) {
            if (uid < 0 || uid >= 0xffff_ffffL) { // the last number means no user (chown(2))
                throw new IllegalArgumentException("user id " + uid + " must be from 0 to 4294967294");
            }
        }
        return new UnixAccess(
                mode, group, Arrays.stream(values).boxed().collect(Collectors.toCollection(TreeSet::new)));
    }

    /** {@return whether only some users' connections are accepted, so that each peer's credentials are needed} */
    public boolean limitsUsers() {
        return !uids.isEmpty();
    }

    /**
     * Checks that a peer may connect.
     *
     * @param peer the peer's credentials; empty if the system did not say
     * @throws RefusedPeerException if its user is not one of those that may connect
     */
    public void check(Optional<PeerCredentials> peer) throws RefusedPeerException {
        if (limitsUsers() && peer.filter(known -> uids.contains(known.uid())).isEmpty()) {
            String allowed = uids.stream().map(String::valueOf).collect(Collectors.joining(", "));
            throw new RefusedPeerException(
                    "a process of " + peer.map(PeerCredentials::toString).orElse("an unknown user")
                            + " has connected; allowed is uid " + allowed);
        }
    }
}
