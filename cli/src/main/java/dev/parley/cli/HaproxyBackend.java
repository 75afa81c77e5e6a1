package dev.parley.cli;

import dev.parley.cluster.MessageWriter;
import dev.parley.net.Address;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backend section for HAProxy, whose check asks each server for its health in Parley's own protocol (HAProxy's
 * configuration manual, {@code tcp-check}).
 */
final class HaproxyBackend {
    private HaproxyBackend() {}

    /**
     * Returns the section.
     *
     * @param sendsProxy whether the servers take the PROXY protocol
     * @param certificate what the check shows to servers that want certificates of their clients: a PEM file with the
     *     key too; null for none
     */
    static List<String> lines(List<Address.Inet> servers, boolean sendsProxy, @Nullable Path certificate) {
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
            lines.add("    server parley" + (i + 1) + " " + place(servers.get(i), certificate)
                    + (sendsProxy ? " send-proxy-v2 check-send-proxy" : ""));
        }
        return lines;
    }

    /** Quotes a name as HAProxy's settings do, in which a blank ends a word, and a '$' begins a variable. */
    private static String quoted(Path file) {
        String text = file.toString();
        return text.matches("[\\w./-]+") ? text : '"' + text.replaceAll("([\\\\\"$])", "\\\\$1") + '"';
    }

    /** Returns the address as HAProxy writes it. The check needs no authority: nothing secret is sent. */
    private static String place(Address.Inet server, @Nullable Path certificate) {
        String text = server.toString();
        String hostAndPort = text.substring(text.indexOf("://") + "://".length());
        if (!(server instanceof Address.Tls)) {
            return hostAndPort;
        }
        return hostAndPort + " check-ssl verify none" + (certificate == null ? "" : " crt " + quoted(certificate));
    }
}
