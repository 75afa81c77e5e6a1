package dev.parley.net.text;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Writes and recognizes IP addresses as text. IPv6 addresses are in the short form of RFC 5952, because the JDK prints
 * all eight groups.
 */
public final class IpText {
    private static final int GROUPS = 8;
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|::1|0:0:0:0:0:0:0:1");

    private IpText() {}

    /**
     * {@return whether a host is the loopback: {@code localhost}, in 127.0.0.0/8, or ::1} Names are not looked up.
     *
     * @param host a name or an IP address without brackets
     */
    public static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }

    /**
     * {@return the address without brackets, with its zone if it has one}
     *
     * @param ip an address of either family
     */
    public static String of(InetAddress ip) {
        if (!(ip instanceof Inet6Address six)) {
            return ip.getHostAddress();
        }
        String full = six.getHostAddress();
        int zone = full.indexOf('%');
        return shortForm(six.getAddress()) + (zone < 0 ? "" : full.substring(zone));
    }

    private static String shortForm(byte[] bytes) {
        var groups = new int[GROUPS];
        ByteBuffer from = ByteBuffer.wrap(bytes);
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = from.getShort() & 0xffff;
        }
        int longestStart = -1;
        int longest = 1; // RFC 5952 4.2.2: a single zero group is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int zeros = zerosFrom(groups, i);
            if (zeros > longest) {
                longest = zeros;
                longestStart = i;
            }
        }
        if (longestStart < 0) {
            return join(groups, 0, GROUPS);
        }
        return join(groups, 0, longestStart) + "::" + join(groups, longestStart + longest, GROUPS);
    }

    private static int zerosFrom(int[] groups, int start) {
        int end = start;
        while (end < GROUPS && groups[end] == 0) {
            end++;
        }
        return end - start;
    }

    private static String join(int[] groups, int start, int end) {
        var text = new StringBuilder();
        for (int i = start; i < end; i++) {
            text.append(i == start ? "" : ":").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
