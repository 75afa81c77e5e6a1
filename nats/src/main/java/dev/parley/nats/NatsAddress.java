package dev.parley.nats;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The address of a cluster, such as {@code nats://user:password@host:4222/orders?tls=true&ca=ca.pem}, or of several
 * brokers that are one, such as {@code nats://one:4222,other:4222/orders}.
 *
 * @param servers the brokers' addresses as jnats takes them, without the user
 * @param user the user, or a token if there is no password; null for none
 * @param password the password; null for none
 * @param cluster the name of the cluster
 * @param authorities a PEM file with the authorities of the broker's certificate; null for those that Java trusts
 * @param credentials a file with NATS credentials (a JWT and a seed); null for none
 * @param certificate a PEM file with the certificate that the node shows to the broker; null for none
 * @param key a PEM file with its private key; null if the same file has it
 * @param replicas how many servers store each durable topic; 0 to leave it to the broker
 */
record NatsAddress(
        List<String> servers,
        @Nullable String user,
        @Nullable String password,
        String cluster,
        @Nullable Path authorities,
        @Nullable Path credentials,
        @Nullable Path certificate,
        @Nullable Path key,
        int replicas) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String DEFAULT_NAME = "default";
    private static final int DEFAULT_PORT = 4222;
    private static final int PORT_MAX = 65_535;

    /** Returns the address of a URI whose scheme is {@code nats}. */
    static NatsAddress of(URI uri) {
        String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        int user = authority.lastIndexOf('@');
        if (authority.indexOf('@') != user) {
            throw wrong("it has more than one '@'; a list of brokers has one user, before its first host");
        }
        List<String> hosts = Stream.of(authority.substring(user + 1).split(",", -1))
                .map(NatsAddress::hostAndPort)
                .toList();
        String path = uri.getPath() == null ? "" : uri.getPath();
        String cluster = path.length() <= 1 ? DEFAULT_NAME : path.substring(1);
        if (!NAME.matcher(cluster).matches()) {
            throw wrong("the name of the cluster must be 1 to 64 letters, digits, '_' and '-'");
        }
        Map<String, String> settings = settings(uri.getRawQuery());
        boolean needsTls = settings.containsKey("ca") || settings.containsKey("cert");
        String wanted = settings.getOrDefault("tls", Boolean.toString(needsTls));
        if (!wanted.matches("true|false")) {
            throw wrong("tls is '" + wanted + "'; it must be true or false");
        }
        boolean tls = wanted.equals("true");
        if (!tls && needsTls) {
            throw wrong("with ca=FILE or cert=FILE, tls cannot be false");
        }
        if (settings.containsKey("key") && !settings.containsKey("cert")) {
            throw wrong("key=FILE is for a certificate; add cert=FILE");
        }
        String[] userInfo = user < 0
                ? new String[0]
                : authority.substring(0, user).split(":", 2); // an escaped ':' belongs to the user or the password
        return new NatsAddress(
                hosts.stream().map(host -> (tls ? "tls://" : "nats://") + host).toList(),
                userInfo.length > 0 ? decoded(userInfo[0]) : null,
                userInfo.length > 1 ? decoded(userInfo[1]) : null,
                cluster,
                path(settings.get("ca")),
                path(settings.get("credentials")),
                path(settings.get("cert")),
                path(settings.get("key")),
                replicas(settings.get("replicas")));
    }

    /** Returns the host and the port of one broker of the list. */
    private static String hostAndPort(String text) {
        URI uri;
        try {
            uri = new URI("nats://" + text);
        } catch (URISyntaxException e) { // not the cause: it repeats the text, which may be of a password
            throw wrong("one of its hosts is empty or has a character that no host has");
        }
        String host = uri.getHost();
        if (host == null) {
            throw wrong(
                    text.matches("[^:]*_.*")
                            ? "its host has a '_', which Java takes in no name of a host; give another name or its IP"
                            : "it has no host, or one that is not valid");
        }
        if (uri.getPort() > PORT_MAX) {
            throw wrong("port " + uri.getPort() + " is above " + PORT_MAX);
        }
        return host + ":" + (uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
    }

    /** Returns what the broker is called in messages. */
    String broker() {
        return (servers.size() == 1 ? "the NATS server " : "a NATS server of ") + String.join(", ", servers);
    }

    boolean isEncrypted() {
        return servers.getFirst().startsWith("tls:");
    }

    private static Map<String, String> settings(@Nullable String query) {
        var settings = new LinkedHashMap<String, String>();
        for (String setting : query == null ? new String[0] : query.split("&", 0)) {
            String[] parts = setting.split("=", 2);
            if (parts.length < 2 || !parts[0].matches("tls|ca|credentials|cert|key|replicas")) {
                throw wrong("'" + parts[0] + "' is not a setting; it has tls=true, ca=FILE, cert=FILE, key=FILE,"
                        + " credentials=FILE and replicas=N");
            }
            settings.put(parts[0], decoded(parts[1]));
        }
        return settings;
    }

    /** Returns a text without its escapes. A '+' is a '+', unlike in a form of HTML. */
    private static String decoded(String raw) {
        return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static int replicas(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        if (!text.matches("[1-5]")) {
            throw wrong("replicas is '" + text + "'; JetStream takes 1 to 5");
        }
        return Integer.parseInt(text);
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    /** The address itself may hold a password, so it is not repeated. */
    private static IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException("the address of the cluster is wrong: " + why
                + "; write nats://host:port/name-of-the-cluster, or several host:port with commas");
    }

    /** The address without its secrets, for messages. */
    @Override
    public String toString() {
        return String.join(",", servers) + "/" + cluster;
    }
}
