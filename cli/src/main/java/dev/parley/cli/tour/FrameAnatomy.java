package dev.parley.cli.tour;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Takes the bytes of one message apart: length, header, content, and those member by member. */
final class FrameAnatomy {
    /** The number of the header's bytes. */
    static final String LENGTH = "length";
    /** The JSON object that says what the content is. */
    static final String HEADER = "header";
    /** What the message is about. */
    static final String CONTENT = "content";

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private FrameAnatomy() {}

    /** The rows, which have all the bytes in their order; the bytes are one whole message. */
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
