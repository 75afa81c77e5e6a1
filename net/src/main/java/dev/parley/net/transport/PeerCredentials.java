package dev.parley.net.transport;

/**
 * The ids of the process at the other end of a Unix socket, as the kernel reports them (SO_PEERCRED in unix(7)): those
 * that it had when it connected, or, if we connected to it, when it began to listen.
 *
 * @param uid the effective user id
 * @param gid the effective group id
 * @param pid the process id; 0 if it is unknown, as over the transport {@code nio}, or if the process is in a PID
 *     namespace that this one does not see
 */
public record PeerCredentials(long uid, long gid, long pid) {
    /** {@return the ids as they are logged, such as {@code uid 1000, gid 1000, pid 4242}} */
    @Override
    public String toString() {
        return "uid " + uid + ", gid " + gid + (pid == 0 ? "" : ", pid " + pid);
    }
}
