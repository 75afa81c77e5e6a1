package dev.parley.net.tls;

import dev.parley.net.text.IpText;
import java.net.IDN;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The names that a certificate is for: its subject's alternative names (RFC 5280, section 4.2.1.6). The common name of
 * the subject does not count (RFC 9525, section 2).
 *
 * @param hosts host names in small letters, some with {@code *} as their first label
 * @param ips IP addresses
 */
record CertificateNames(List<String> hosts, List<String> ips) {
    private static final int DNS = 2;
    private static final int IP = 7;

    /** Returns the names of a certificate; none if they cannot be read. */
    static CertificateNames of(X509Certificate certificate) {
        var hosts = new ArrayList<String>();
        var ips = new ArrayList<String>();
        try {
            var all = certificate.getSubjectAlternativeNames();
            for (List<?> name : all == null ? List.<List<?>>of() : all) {
                if (name.get(0).equals(DNS)) {
                    hosts.add(name.get(1).toString().toLowerCase(Locale.ROOT));
                } else if (name.get(0).equals(IP)) {
                    String ip = name.get(1).toString();
                    if (isIp(ip)) { // a certificate may hold an address of any length
                        ips.add(IpText.of(InetAddress.ofLiteral(ip)));
                    }
                }
            }
        } catch (CertificateParsingException unreadable) {
            return new CertificateNames(List.of(), List.of());
        }
        return new CertificateNames(List.copyOf(hosts), List.copyOf(ips));
    }

    /** Returns whether the certificate is for this host name or IP address. */
    boolean match(String name) {
        if (isIp(name)) {
            InetAddress wanted = InetAddress.ofLiteral(name);
            return ips.stream().anyMatch(ip -> InetAddress.ofLiteral(ip).equals(wanted));
        }
        String small = asInCertificates(name).toLowerCase(Locale.ROOT);
        int dot = small.indexOf('.');
        return hosts.contains(small) || dot > 0 && hosts.contains("*" + small.substring(dot));
    }

    /**
     * Returns a host name as certificates have it: without the dot at the end that makes it absolute, and in ASCII (RFC
     * 5890). An IP address, and a name that cannot be written in ASCII, stay as they are.
     */
    static String asInCertificates(String name) {
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (relative.chars().allMatch(each -> each < 0x80)) {
            return relative;
        }
        try {
            return IDN.toASCII(relative);
        } catch (IllegalArgumentException noName) {
            return relative;
        }
    }

    static boolean isIp(String name) {
        if (name.indexOf(':') < 0 && !name.matches("[0-9.]+")) {
            return false;
        }
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }

    @Override
    public String toString() {
        var all = new ArrayList<>(hosts);
        all.addAll(ips);
        return all.isEmpty() ? "no name" : String.join(", ", all);
    }
}
