package dev.parley.tests.attack;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Finds the whole messages in what a server sends, whatever pieces it comes in. */
final class Replies {
    static final String OK = "ok";

    private static final byte[] CONTENT_LENGTH = key("content-length");
    private static final byte[] ID = key("id");
    private static final byte[] STATUS = ascii("\"status\": \"");

    private final Heard heard;
    private byte[] head = new byte[512];
    private int headBytes;
    private long contentLeft;
    private long id;
    private long contentBytes;
    private String status = OK;

    /** Gets each message. */
    interface Heard {
        /** The id is 0 if it has none. */
        void reply(long id, String status, long contentBytes);
    }

    Replies(Heard heard) {
        this.heard = heard;
    }

    private static byte[] key(String name) {
        return ascii("\"" + name + "\": ");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Takes all the bytes. */
    void take(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (contentLeft > 0) {
                int skipped = (int) Math.min(contentLeft, bytes.remaining());
                bytes.position(bytes.position() + skipped);
                contentLeft -= skipped;
            } else {
                takeHead(bytes);
                if (!isHeadWhole()) {
                    continue;
                }
                readHead();
            }
            if (contentLeft == 0) {
                headBytes = 0;
                heard.reply(id, status, contentBytes);
            }
        }
    }

    private int headLength() {
        return headBytes < 2 ? 2 : 2 + ((head[0] & 0xff) << 8 | head[1] & 0xff);
    }

    private boolean isHeadWhole() {
        return headBytes > 2 && headBytes == headLength();
    }

    private void takeHead(ByteBuffer bytes) {
        int count = Math.min(headLength() - headBytes, bytes.remaining());
        if (headBytes + count > head.length) {
            head = Arrays.copyOf(head, headLength());
        }
        bytes.get(head, headBytes, count);
        headBytes += count;
    }

    private void readHead() {
        contentBytes = number(CONTENT_LENGTH);
        contentLeft = contentBytes;
        id = number(ID);
        int at = after(STATUS);
        status = at < 0 ? OK : textAt(at);
    }

    private long number(byte[] key) {
        long value = 0;
        int at = after(key);
        while (at >= 0 && at < headBytes && head[at] >= '0' && head[at] <= '9') {
            value = value * 10 + head[at++] - '0';
        }
        return value;
    }

    private String textAt(int from) {
        int end = from;
        while (end < headBytes && head[end] != '"') {
            end++;
        }
        return new String(head, from, end - from, StandardCharsets.US_ASCII);
    }

    /** Returns where the value of a key begins; -1 if the key is missing. */
    private int after(byte[] key) {
        for (int at = 2; at + key.length <= headBytes; at++) {
            if (Arrays.equals(head, at, at + key.length, key, 0, key.length)) {
                return at + key.length;
            }
        }
        return -1;
    }
}
