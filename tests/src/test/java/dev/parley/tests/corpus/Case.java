package dev.parley.tests.corpus;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One bad input, or one that only looks bad, and the reaction that it must get. */
final class Case {
    private final String name;
    private final byte[] bytes;
    private final String mark;
    private final String code;
    private final long id;

    /**
     * A case.
     *
     * @param name what it is
     * @param bytes what the peer sends
     * @param mark {@code OK}, {@code E}, {@code X}, {@code C}, or {@code HTTP} for the page
     * @param code of an error; empty where there is none
     * @param id that the answer repeats; 0 for none
     */
    Case(String name, byte[] bytes, String mark, String code, long id) {
        this.name = name;
        this.bytes = bytes;
        this.mark = mark;
        this.code = code;
        this.id = id;
    }

    byte[] bytes() {
        return bytes;
    }

    String mark() {
        return mark;
    }

    String code() {
        return code;
    }

    long id() {
        return id;
    }

    /** Members of a good header but for the length of its content. */
    static final String BASE = "\"byteorder\":\"little\",\"content-type\":\"text/json\",\"content-encoding\":\"utf-8\"";

    /** What the server of the corpus answers with its action and value. */
    static final String GOOD_CONTENT = "{\"value\":\"good\"}";

    static byte[] frame(byte[] header, byte[] content) {
        return ByteBuffer.allocate(2 + header.length + content.length)
                .putShort((short) header.length)
                .put(header)
                .put(content)
                .array();
    }

    static byte[] frame(String header, String content) {
        return frame(header.getBytes(StandardCharsets.UTF_8), content.getBytes(StandardCharsets.UTF_8));
    }

    /** A good request with further members of its header. */
    static byte[] request(String members, String content) {
        int length = content.getBytes(StandardCharsets.UTF_8).length;
        return frame("{" + BASE + ",\"content-length\":" + length + members + "}", content);
    }

    /** What comes after each case: answered where the connection lives. */
    static byte[] goodRequest(long id) {
        return request(",\"action\":\"show\",\"id\":" + id, GOOD_CONTENT);
    }

    byte[] withGoodRequest(long goodId) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(bytes);
        all.writeBytes(goodRequest(goodId));
        return all.toByteArray();
    }

    boolean livesOn() {
        return mark.equals("OK") || mark.equals("E");
    }

    @Override
    public String toString() {
        return name + ": " + mark + (code.isEmpty() ? "" : "(" + code + ")");
    }
}
