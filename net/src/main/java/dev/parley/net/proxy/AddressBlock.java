package dev.parley.net.proxy;

import dev.parley.net.text.IpText;
import dev.parley.net.text.SafeText;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A block of IP addresses in the notation of RFC 4632 and RFC 4291: an address, and how many of its first bits count.
 *
 * @param address the first address
 * @param prefixBits how many bits of an address must be those of the first one
 */
record AddressBlock(InetAddress address, int prefixBits) {
    private static final int IP_4_BITS = 32;
    private static final int IP_6_BITS = 128;
    private static final Pattern FOUR = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

    /**
     * Parses a block, such as {@code 10.0.0.0/8}, or a single address. An IPv4 address may be written as one of IPv6
     * ({@code ::ffff:10.0.0.0/104}, RFC 4291, section 2.5.5.2), since a socket for both shows it so.
     *
     * @throws IllegalArgumentException if the text is not a block, or bits are set behind its prefix
     */
    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        String ip = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = ip(ip).orElseThrow(() -> bad(text, "it must be an IP address, or one with a prefix"));
        int bits = address.getAddress().length * Byte.SIZE;
        int mappedBits = bits == IP_4_BITS && ip.indexOf(':') >= 0 ? IP_6_BITS - IP_4_BITS : 0;
        int prefix = bits;
        if (slash >= 0) {
            String digits = text.substring(slash + 1);
            prefix = digits.matches("\\d{1,3}") ? Integer.parseInt(digits) - mappedBits : -1;
            if (prefix < 0 || prefix > bits) {
                throw bad(text, "the prefix must be from " + mappedBits + " to " + (mappedBits + bits));
            }
        }
        var block = new AddressBlock(address, prefix);
        if (!block.hasNoBitsBehindPrefix()) {
            throw bad(text, "it has bits behind its first " + prefix + ", so it does not begin a block");
        }
        return block;
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException(
                "'" + SafeText.text(text) + "' is not a block of addresses such as 10.0.0.0/8 or ::1: " + why);
    }

    /** Returns the address that this text is; empty if it is not an IP address without a zone. Nothing is looked up. */
    static Optional<InetAddress> ip(String text) {
        boolean four = FOUR.matcher(text).matches();
        if (!four && (text.indexOf(':') < 0 || !text.matches("[0-9A-Fa-f:.]+"))) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Returns the address with these bytes, of which there are 4 or 16. */
    static InetAddress ip(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(bytes.length + " bytes are not an IP address", impossible);
        }
    }

    boolean contains(InetAddress other) {
        byte[] ours = address.getAddress();
        byte[] theirs = other.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit++) {
            if (bit(ours, bit) != bit(theirs, bit)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasNoBitsBehindPrefix() {
        byte[] bytes = address.getAddress();
        for (int bit = prefixBits; bit < bytes.length * Byte.SIZE; bit++) {
            if (bit(bytes, bit) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int bit(byte[] bytes, int bit) {
        return bytes[bit / Byte.SIZE] >> (Byte.SIZE - 1 - bit % Byte.SIZE) & 1;
    }

    @Override
    public String toString() {
        return IpText.of(address) + "/" + prefixBits;
    }
}
