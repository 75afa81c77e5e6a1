package dev.parley.tests.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Requests that cost a server far more than their bytes, without a pause: contents to unpack, search and parse. */
final class Costly implements Attack {
    private static final int CONTENT_BYTES = 1024 * 1024 - 1024;

    /**
     * The contents: nested nearly as deep as JSON may be; nested as deep as a server allows; as many values as fit;
     * many names.
     */
    private static final List<String> CONTENTS = List.of(
            array("[".repeat(498) + "]".repeat(498)),
            array("[".repeat(90) + "]".repeat(90)),
            array("[]"),
            "{" + names() + "\"last\": 1}",
            "\"" + "\\u00e4".repeat(CONTENT_BYTES / 6) + "\"");

    private static final List<byte[]> PLAIN =
            CONTENTS.stream().map(Costly::utf8).toList();
    private static final List<byte[]> PACKED =
            PLAIN.stream().map(Costly::packed).toList();

    /**
     * The keys: no action, so the server looks for it in the content; and an action whose handler makes a tree of the
     * content.
     */
    private static final List<String> KEYS = List.of("\"id\": %d", "\"id\": %d, \"action\": \"tree\"");

    private final List<byte[]> contents;
    private final String coding;
    private int count;

    private Costly(List<byte[]> contents, String coding) {
        this.contents = contents;
        this.coding = coding;
    }

    static Attack plain() {
        return new Costly(PLAIN, "");
    }

    static Attack packed() {
        return new Costly(PACKED, ", \"content-coding\": \"gzip\"");
    }

    private static String array(String item) {
        return "[" + (item + ",").repeat((CONTENT_BYTES - item.length() - 2) / (item.length() + 1)) + item + "]";
    }

    private static String names() {
        var names = new StringBuilder();
        for (int i = 0; names.length() < CONTENT_BYTES - 64; i++) {
            names.append("\"name").append(i).append("\":0,");
        }
        return names.toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] packed(byte[] content) {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    @Override
    public byte[] more() {
        int number = count++;
        String keys = String.format(KEYS.get(number % KEYS.size()), number + 1);
        return RawFrame.of(keys + coding, contents.get(number / KEYS.size() % contents.size()));
    }

    @Override
    public boolean comesBack() {
        return true;
    }
}
