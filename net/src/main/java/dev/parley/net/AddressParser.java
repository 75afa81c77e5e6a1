package dev.parley.net;

import dev.parley.net.text.IpText;
import dev.parley.net.text.SafeText;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text forms of {@link Address}. If a text is refused, the message names the nearest form that would have
 * worked.
 */
final class AddressParser {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final Pattern BRACKETED = Pattern.compile("\\[([^\\]]*)\\](.*)");
    private static final Pattern HOST = Pattern.compile("\\*|[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})");
    private static final Pattern IPV4_LIKE = Pattern.compile("[0-9.]+");
    private static final Pattern IPV4 =
            Pattern.compile("(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]+)?");
    private static final Pattern MEM_NAME = Pattern.compile("[A-Za-z0-9._-]{0,64}");
    private static final String FORMS =
            "write tcp://host:port, tls://host:port or unix:/path, or mem:name inside one process";

    private final String text;

    private AddressParser(String text) {
        this.text = text;
    }

    static Address parse(String text) {
        return new AddressParser(text).parse();
    }

    private Address parse() {
        if (text.isBlank()) {
            throw refuse("it is empty; " + FORMS);
        }
        Matcher matcher = SCHEME.matcher(text);
        if (!matcher.matches()) {
            throw refuse("it has no scheme; " + suggestion());
        }
        String rest = matcher.group(2);
        String scheme = matcher.group(1);
        return switch (scheme) {
            case "tcp" -> {
                HostAndPort parts = hostAndPort("tcp", rest);
                yield new Address.Tcp(parts.host(), parts.port());
            }
            case "tls" -> {
                HostAndPort parts = hostAndPort("tls", rest);
                yield new Address.Tls(parts.host(), parts.port());
            }
            case "unix" -> unix(rest);
            case "mem" -> mem(rest);
            default ->
                throw refuse("'" + SafeText.text(scheme) + "' is not a known scheme; " + suggestion(scheme, rest));
        };
    }

    private String suggestion(String scheme, String rest) {
        String small = scheme.toLowerCase(Locale.ROOT);
        if (List.of("tcp", "tls", "unix", "mem").contains(small)) {
            return "write " + small + ":" + SafeText.text(rest);
        }
        return rest.matches("//[^/]+:\\d{1,5}/?")
                ? "write tcp:" + SafeText.text(rest.replaceFirst("/$", ""))
                : suggestion();
    }

    private String suggestion() {
        if (text.startsWith("/")) {
            return "for a Unix socket write unix:" + SafeText.text(text);
        }
        if (text.matches("[^/]+:\\d{1,5}")) {
            return "write tcp://" + SafeText.text(text);
        }
        if (text.matches(":?\\d{1,5}")) {
            return "write tcp://localhost:" + text.replace(":", "");
        }
        return FORMS;
    }

    private record HostAndPort(String host, int port) {}

    private HostAndPort hostAndPort(String scheme, String rest) {
        if (!rest.startsWith("//")) {
            throw refuse("two slashes are missing; write " + scheme + "://" + SafeText.text(rest));
        }
        String hostAndPort = rest.substring(2);
        Matcher bracketed = BRACKETED.matcher(hostAndPort);
        if (bracketed.matches()) {
            return new HostAndPort(ipv6(bracketed.group(1)), port(scheme, bracketed.group(2)));
        }
        int colon = hostAndPort.indexOf(':');
        if (colon >= 0 && hostAndPort.indexOf(':', colon + 1) >= 0) {
            throw refuse("an IPv6 address needs brackets, both of them: " + scheme + "://[::1]:65432");
        }
        String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
        return new HostAndPort(host(host), port(scheme, colon < 0 ? "" : hostAndPort.substring(colon)));
    }

    private String host(String host) {
        if (host.isEmpty()) {
            throw refuse("it has no host; write localhost, or * to listen on every interface");
        }
        if (!HOST.matcher(host).matches()) {
            throw refuse(
                    "'" + SafeText.text(host) + "' is not a host name; letters, digits, '.', '-' and '_' are allowed");
        }
        if (IPV4_LIKE.matcher(host).matches() && !IPV4.matcher(host).matches()) {
            throw refuse("'" + host + "' is not an IPv4 address; one has four numbers from 0 to 255");
        }
        return host;
    }

    private String ipv6(String host) {
        if (!IPV6.matcher(host).matches() || !HostResolver.isIpv6Literal(host)) {
            throw refuse("'" + SafeText.text(host) + "' is not an IPv6 address; ::1 is the loopback");
        }
        return IpText.of(InetAddress.ofLiteral(host));
    }

    private int port(String scheme, String colonAndPort) {
        if (colonAndPort.length() < 2 || colonAndPort.charAt(0) != ':') {
            throw refuse("it has no port; write one from 0 to 65535 after a colon, such as " + scheme
                    + "://localhost:65432");
        }
        String digits = colonAndPort.substring(1);
        if (!digits.matches("\\d+")) {
            throw refuse("'" + SafeText.text(digits) + "' is not a port; a port is a number from 0 to 65535");
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > 65_535) {
            throw refuse("port " + SafeText.text(digits) + " is outside 0 to 65535");
        }
        return Integer.parseInt(digits);
    }

    private Address unix(String path) {
        if (path.isEmpty()) {
            throw refuse("it has no path; write unix:/path/to/socket");
        }
        if (path.indexOf('\0') > 0) {
            throw refuse("the path holds a zero character");
        }
        return Address.Unix.of(path.startsWith("//") ? path.substring(1) : path);
    }

    private Address mem(String name) {
        if (!MEM_NAME.matcher(name).matches()) {
            throw refuse("'" + SafeText.text(name) + "' is not a name; up to 64 letters, digits, '.', '-' and '_'");
        }
        return new Address.Mem(name);
    }

    private AddressException refuse(String why) {
        return new AddressException(SafeText.text(text), why);
    }
}
