package dev.parley.cli.tour;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Splits the bytes of one message into length, header and content, and splits header and content into their members.
 */
final class FrameAnatomy {
    /** The part with the length of the header. */
    static final String LENGTH = "length";
    /** The part with the JSON object that describes the content. */
    static final String HEADER = "header";
    /** The part with the content. */
    static final String CONTENT = "content";

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private FrameAnatomy() {}

    /** Returns the facts, which together contain all bytes in order. The bytes must be one whole message. */
    static List<Fact> facts(byte[] frame) {
        var facts = new ArrayList<Fact>();
        int headerLength = ByteBuffer.wrap(frame).getShort() & 0xffff;
        facts.add(new Fact(LENGTH, HEX.formatHex(frame, 0, 2), "header length: " + headerLength));
        addMembers(facts, HEADER, new String(frame, 2, headerLength, StandardCharsets.UTF_8));
        int contentStart = 2 + headerLength;
        addMembers(
                facts, CONTENT, new String(frame, contentStart, frame.length - contentStart, StandardCharsets.UTF_8));
        return facts;
    }

    private static void addMembers(List<Fact> facts, String part, String json) {
        for (String member : json.replace(", \"", ", \n\"").split("\n", -1)) {
            facts.add(new Fact(part, HEX.formatHex(member.getBytes(StandardCharsets.UTF_8)), member));
        }
    }
}
