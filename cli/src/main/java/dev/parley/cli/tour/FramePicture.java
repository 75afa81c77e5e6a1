package dev.parley.cli.tour;

import dev.parley.cli.tour.Svg.Anchor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Draws one message byte by byte. Each byte is a cell, which shows its character and below it its value. Each member of
 * header and content begins a new row.
 */
final class FramePicture {
    private static final int MARGIN = 24;
    private static final int NAME_WIDTH = 100;
    private static final int CELL_WIDTH = 24;
    private static final int CELL_HEIGHT = 38;
    private static final int ROW = 44;
    private static final int CELLS_PER_ROW = 29;
    private static final int FIRST_Y = 84;
    private static final int WIDTH = MARGIN + NAME_WIDTH + CELLS_PER_ROW * CELL_WIDTH + MARGIN;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private final List<Fact> facts;
    private final Svg svg = new Svg();
    private int y = FIRST_Y;

    private FramePicture(List<Fact> facts) {
        this.facts = facts;
    }

    /** Returns the SVG document of a message, which was split into facts before. */
    static String of(String title, List<Fact> facts) {
        return new FramePicture(facts).draw(title);
    }

    private String draw(String title) {
        String lesson = "Each box is a byte: its character, and its value in hexadecimal.";
        svg.text("title", Anchor.START, MARGIN, 38, title);
        svg.text("lesson", Anchor.START, MARGIN, 62, lesson);
        String part = "";
        for (Fact fact : facts) {
            if (!fact.part().equals(part)) {
                part = fact.part();
                name(part);
            }
            draw(fact);
        }
        return svg.document(WIDTH, y + MARGIN - (ROW - CELL_HEIGHT), title, description(lesson));
    }

    private static byte[] bytes(Fact fact) {
        return HEX.parseHex(fact.hex());
    }

    private int count(String part) {
        return facts.stream()
                .filter(fact -> fact.part().equals(part))
                .mapToInt(fact -> bytes(fact).length)
                .sum();
    }

    private void name(String part) {
        svg.text("part", Anchor.START, MARGIN, y + 16, part);
        svg.text("note", Anchor.START, MARGIN, y + 31, count(part) + " bytes");
    }

    private void draw(Fact fact) {
        byte[] bytes = bytes(fact);
        boolean isText = !fact.part().equals(FrameAnatomy.LENGTH);
        int column = 0;
        int at = 0;
        while (at < bytes.length) {
            int count = isText ? Math.min(bytesOfCharacter(bytes[at]), bytes.length - at) : 1;
            if (column + count > CELLS_PER_ROW) {
                column = 0;
                y += ROW;
            }
            drawCharacter(fact.part(), column, Arrays.copyOfRange(bytes, at, at + count), isText);
            column += count;
            at += count;
        }
        String note = note(fact);
        svg.text("note", Anchor.START, x(column) + 10, y + 23, note);
        y += ROW;
    }

    private static int bytesOfCharacter(byte first) {
        int leadingOnes = Integer.numberOfLeadingZeros(~(first << 24));
        return Math.max(1, leadingOnes);
    }

    private static int x(int column) {
        return MARGIN + NAME_WIDTH + column * CELL_WIDTH;
    }

    private void drawCharacter(String part, int column, byte[] bytes, boolean isText) {
        for (int i = 0; i < bytes.length; i++) {
            svg.rectangle(part, x(column + i), y, CELL_WIDTH, CELL_HEIGHT);
            svg.text(
                    "hex",
                    Anchor.MIDDLE,
                    x(column + i) + CELL_WIDTH / 2,
                    y + 31,
                    HexFormat.of().toHexDigits(bytes[i]));
        }
        String character = new String(bytes, StandardCharsets.UTF_8);
        if (isText && !character.isBlank()) {
            svg.text("character", Anchor.MIDDLE, x(column) + bytes.length * CELL_WIDTH / 2, y + 16, character);
        }
    }

    /**
     * Returns the note at the end of a fact's row. Only the two numbers that determine where the next part begins have
     * a note: the header's length and {@code content-length}.
     */
    private String note(Fact fact) {
        if (fact.part().equals(FrameAnatomy.LENGTH)) {
            return fact.text() + ", a number of 2 bytes, the high one first";
        }
        return fact.text().startsWith("\"content-length\"") ? count(FrameAnatomy.CONTENT) + " bytes of content" : "";
    }

    private String description(String lesson) {
        var said = new StringBuilder(lesson);
        for (Fact fact : facts) {
            said.append(' ')
                    .append(fact.part())
                    .append(": ")
                    .append(fact.text().strip())
                    .append(';');
        }
        return said.append(" in this order.").toString();
    }
}
