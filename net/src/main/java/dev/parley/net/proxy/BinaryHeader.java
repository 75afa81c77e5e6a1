package dev.parley.net.proxy;

import dev.parley.net.transport.RefusedPeerException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Parses headers of version 2: a fixed part of 16 bytes, two addresses with ports, and extensions (TLVs). */
final class BinaryHeader {
    private static final int FIXED_BYTES = 16;
    private static final int BEGIN_BYTES = 12;
    private static final int LENGTH_AT = 14;
    private static final int VERSION_2 = 2;
    private static final int LOCAL = 0;
    private static final int PROXY = 1;
    private static final int TCP_4 = 0x11;
    private static final int TCP_6 = 0x21;
    private static final int FAMILY_MAX = 3;
    private static final int PROTOCOL_MAX = 2;
    private static final int IP_4_BYTES = 4;
    private static final int IP_6_BYTES = 16;
    private static final int TYPE_AND_LENGTH_BYTES = 3;
    private static final int TYPE_CRC32C = 0x03;
    private static final int CRC_BYTES = 4;

    private BinaryHeader() {}

    static @Nullable ProxyHeader parse(ByteBuffer bytes) throws RefusedPeerException {
        if (bytes.remaining() < FIXED_BYTES) {
            return null;
        }
        int start = bytes.position();
        int versionAndCommand = bytes.get(start + BEGIN_BYTES) & 0xff;
        int kind = bytes.get(start + BEGIN_BYTES + 1) & 0xff;
        int length = FIXED_BYTES + (bytes.getShort(start + LENGTH_AT) & 0xffff);
        check(versionAndCommand, kind, length);
        if (bytes.remaining() < length) {
            return null;
        }
        ByteBuffer header = bytes.slice(start, length);
        return (versionAndCommand & 0xf) == LOCAL ? ProxyHeader.ofProxyItself(length) : addresses(header, kind, length);
    }

    private static void check(int versionAndCommand, int kind, int length) throws RefusedPeerException {
        int command = versionAndCommand & 0xf;
        if (versionAndCommand >> 4 != VERSION_2 || command != LOCAL && command != PROXY) {
            throw bad("it has version " + (versionAndCommand >> 4) + " and command " + command
                    + "; allowed are version 2, and the commands 0 and 1");
        }
        if (command == PROXY && (kind >> 4 > FAMILY_MAX || (kind & 0xf) > PROTOCOL_MAX)) {
            throw bad("it has address family " + (kind >> 4) + " and protocol " + (kind & 0xf)
                    + "; allowed are 0 to 3, and 0 to 2");
        }
        if (length > ProxyHeader.BYTES_MAX) {
            throw bad("it has " + length + " bytes; allowed are " + ProxyHeader.BYTES_MAX);
        }
    }

    /** Returns what the header says of a connection over TCP. Of other kinds, the addresses must be ignored. */
    private static ProxyHeader addresses(ByteBuffer header, int kind, int length) throws RefusedPeerException {
        if (kind != TCP_4 && kind != TCP_6) {
            return ProxyHeader.ofUnknown(length);
        }
        int ipBytes = kind == TCP_4 ? IP_4_BYTES : IP_6_BYTES;
        int end = FIXED_BYTES + 2 * ipBytes + 2 * Short.BYTES;
        if (length < end) {
            throw bad("it has " + length + " bytes; its addresses need " + end);
        }
        checkExtensions(header, end);
        var ip = new byte[ipBytes];
        header.get(FIXED_BYTES, ip);
        int port = header.getShort(FIXED_BYTES + 2 * ipBytes) & 0xffff;
        return ProxyHeader.of(AddressBlock.ip(ip), port, length);
    }

    /** Checks that each extension lies inside the header, and the checksum, if there is one. */
    private static void checkExtensions(ByteBuffer header, int from) throws RefusedPeerException {
        int at = from;
        while (at < header.limit()) {
            int left = header.limit() - at - TYPE_AND_LENGTH_BYTES;
            int valueBytes = left < 0 ? 0 : header.getShort(at + 1) & 0xffff;
            if (left < valueBytes) {
                throw bad("an extension is longer than the header");
            }
            int value = at + TYPE_AND_LENGTH_BYTES;
            if (header.get(at) == TYPE_CRC32C) {
                checkSum(header, value, valueBytes);
            }
            at = value + valueBytes;
        }
    }

    private static void checkSum(ByteBuffer header, int at, int valueBytes) throws RefusedPeerException {
        var copy = new byte[header.limit()];
        header.get(0, copy);
        boolean fits = valueBytes == CRC_BYTES;
        if (fits) {
            ByteBuffer.wrap(copy).putInt(at, 0); // the sum is made with zeros in its own place
            var sum = new CRC32C();
            sum.update(copy);
            fits = (int) sum.getValue() == header.getInt(at);
        }
        if (!fits) {
            throw bad("its checksum (CRC-32C) does not fit");
        }
    }

    private static RefusedPeerException bad(String why) {
        return new RefusedPeerException("its PROXY header of version 2 is wrong: " + why);
    }
}
