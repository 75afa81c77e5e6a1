package dev.parley.cli;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.proxy.ProxyProtocol;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.UnixAccess;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that say who may connect: to a Unix socket, and through a proxy. */
final class AccessOptions {
    private static final String MODE = "--socket-mode";
    private static final int OWNER_MAY_WRITE = 0200;
    private static final int GROUP_MAY_WRITE = 0020;
    private static final String GROUP = "--socket-group";
    private static final String UID = "--allow-uid";
    private static final String PROXY = "--proxy-protocol-from";

    @Option(
            names = MODE,
            paramLabel = "MODE",
            description = "The mode of the Unix socket's file, in octal digits. Default: 600, for its owner alone.")
    private @Nullable String mode;

    @Option(
            names = GROUP,
            paramLabel = "GROUP",
            description = "The group of the Unix socket's file, by its name or number; the mode must let it connect."
                    + " Example: --socket-mode 660 --socket-group web")
    private @Nullable String group;

    @Option(
            names = UID,
            paramLabel = "UID",
            split = ",",
            description = "Accept only processes of these users at the Unix socket, by number ('id -u NAME' prints it);"
                    + " the mode must let them connect, too.")
    private List<String> uids = List.of();

    @Option(
            names = PROXY,
            paramLabel = "CIDR",
            split = ",",
            description = "Accept only connections from these proxies, such as 10.0.7.0/24, which must begin with a"
                    + " header of the PROXY protocol (HAProxy: send-proxy or send-proxy-v2).")
    private List<String> proxies = List.of();

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.@Nullable CommandSpec spec;

    /**
     * Adds the options to the settings of a loop that listens at this address.
     *
     * @param inherited true if systemd passes the socket, whose file systemd has made
     */
    void addTo(EventLoop.Builder loop, Address listening, boolean inherited) {
        if (inherited && (mode != null || group != null)) {
            throw usage((mode != null ? MODE : GROUP) + " has no effect on a socket that systemd passes;"
                    + " set SocketMode= and SocketGroup= in its .socket unit");
        }
        String unix = mode != null ? MODE : group != null ? GROUP : !uids.isEmpty() ? UID : null;
        if (unix != null && !(listening instanceof Address.Unix)) {
            throw usage(unix + " is for unix: addresses, not for '" + listening + "'");
        }
        if (!proxies.isEmpty() && !(listening instanceof Address.Inet)) {
            throw usage(PROXY + " is for tcp:// and tls:// addresses, not for '" + listening + "'");
        }
        try {
            loop.socketOptions(SocketOptions.DEFAULT.withUnixAccess(unixAccess()));
            if (!proxies.isEmpty()) {
                loop.proxyProtocol(ProxyProtocol.from(proxies.toArray(String[]::new)));
            }
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        }
    }

    private UnixAccess unixAccess() {
        UnixAccess access = UnixAccess.OWNER;
        if (mode != null) {
            access = access.withMode(mode(mode));
        }
        if (group != null) {
            access = access.withGroup(group);
            if ((access.mode() & GROUP_MAY_WRITE) == 0) {
                throw usage(GROUP + " has no effect if the group may not connect; add " + MODE + " 660");
            }
        }
        return uids.isEmpty()
                ? access
                : access.withUids(uids.stream().mapToLong(this::uid).toArray());
    }

    private int mode(String digits) {
        if (!digits.matches("[0-7]{3}|0[0-7]{3}")) {
            throw usage(MODE + " is '" + digits + "'; it must be three octal digits, such as 660");
        }
        int mode = Integer.parseInt(digits, 8);
        if ((mode & OWNER_MAY_WRITE) == 0) { // connecting to a socket needs this right
            throw usage(MODE + " is '" + digits + "'; it must let the owner write, such as 660, since the next server"
                    + " connects to the socket to see whether this one still listens");
        }
        return mode;
    }

    private long uid(String digits) {
        if (!digits.matches("\\d{1,10}")) {
            throw usage(UID + " is '" + digits + "'; it must be the number of a user, which 'id -u NAME' prints");
        }
        return Long.parseLong(digits);
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
