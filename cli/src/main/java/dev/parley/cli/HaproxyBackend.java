package dev.parley.cli;

import dev.parley.cluster.MessageWriter;
import dev.parley.net.Address;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A backend section for HAProxy, whose check asks each server for its health in Parley's own protocol (HAProxy's
 * configuration manual, {@code tcp-check}).
 */
final class HaproxyBackend {
    private HaproxyBackend() {}

    /** Returns the section; the servers take the PROXY protocol if {@code sendsProxy} is true. */
    static List<String> lines(List<Address.Inet> servers, boolean sendsProxy) {
        var lines = new ArrayList<String>();
        lines.add("backend parley");
        lines.add("    mode tcp");
        lines.add("    balance leastconn");
        lines.add("    option tcp-check");
        lines.add("    tcp-check send-binary "
                + HexFormat.of().formatHex(new MessageWriter().write(HealthCommand.question())));
        lines.add("    tcp-check expect string '\"status\": \"serving\"'");
        lines.add("    default-server check inter 1s fall 2 rise 2");
        for (int i = 0; i < servers.size(); i++) {
            lines.add("    server parley" + (i + 1) + " " + place(servers.get(i))
                    + (sendsProxy ? " send-proxy-v2 check-send-proxy" : ""));
        }
        return lines;
    }

    /** Returns the address as HAProxy writes it. The check needs no authority: nothing secret is sent. */
    private static String place(Address.Inet server) {
        String text = server.toString();
        String hostAndPort = text.substring(text.indexOf("://") + "://".length());
        return hostAndPort + (server instanceof Address.Tls ? " check-ssl verify none" : "");
    }
}
