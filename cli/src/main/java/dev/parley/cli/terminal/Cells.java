package dev.parley.cli.terminal;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Measures how many cells of a terminal a text fills: emoji and East Asian ideographs fill two, combining marks none.
 * If a character has several code points, each of them is counted, so the result may be too large. It is not too small
 * for the characters that East Asian Width (UAX 11) calls wide or full-width, and for emoji; a terminal may draw a
 * character that it knows better wider than that.
 */
public final class Cells {
    private static final Set<UnicodeScript> WIDE_SCRIPTS = EnumSet.of(
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.HANGUL,
            UnicodeScript.BOPOMOFO,
            UnicodeScript.YI,
            UnicodeScript.TANGUT,
            UnicodeScript.KHITAN_SMALL_SCRIPT,
            UnicodeScript.NUSHU);
    private static final int FIRST_WIDE = 0x1100;
    private static final int HALF_WIDTH_FORMS = 0xff61;
    private static final int HALF_WIDTH_FORMS_END = 0xffdf;

    /** After a character, it asks for the emoji of that character (Unicode, emoji presentation). */
    private static final int AS_EMOJI = 0xfe0f;

    private Cells() {}

    /** Returns the number of cells that a text fills. The text must not contain control characters. */
    public static int of(String text) {
        int filled = 0;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            filled += ofPointAt(text, at);
        }
        return filled;
    }

    private static int ofPointAt(String text, int at) {
        int point = text.codePointAt(at);
        int next = at + Character.charCount(point);
        return next < text.length() && text.charAt(next) == AS_EMOJI ? 2 : ofPoint(point);
    }

    private static int ofPoint(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        return point >= FIRST_WIDE && isWide(point) ? 2 : 1;
    }

    private static boolean isWide(int point) {
        if (point >= HALF_WIDTH_FORMS && point <= HALF_WIDTH_FORMS_END) {
            return false;
        }
        boolean fullWidthForm = point >= 0xff01 && point <= 0xffe6;
        boolean punctuation = point >= 0x2e80 && point <= 0x33ff || point >= 0xfe10 && point <= 0xfe6f;
        return fullWidthForm
                || punctuation
                || Character.isEmojiPresentation(point)
                || WIDE_SCRIPTS.contains(UnicodeScript.of(point))
                || isWideSymbol(point)
                || point >= 0x1f000 && point <= 0x1faff;
    }

    /** Angle brackets, and the symbols of divination, which Unicode 16 made wide. */
    private static boolean isWideSymbol(int point) {
        return point == 0x2329
                || point == 0x232a
                || point >= 0x2630 && point <= 0x2637
                || point >= 0x268a && point <= 0x268f
                || point >= 0x4dc0 && point <= 0x4dff
                || point >= 0x1d300 && point <= 0x1d376;
    }

    /**
     * Returns the text if it fits into this number of cells. Otherwise returns the first part of it, as much as fits
     * together with the mark, and then the mark, which says that something was cut off.
     */
    public static String cut(String text, int cells, String mark) {
        if (of(text) <= cells) {
            return text;
        }
        int room = cells - of(mark);
        return room < 0 ? "" : text.substring(0, fitting(text, room)) + mark;
    }

    /** Returns the number of chars of the text that fit into this number of cells. */
    private static int fitting(String text, int cells) {
        int filled = 0;
        int at = 0;
        while (at < text.length()) {
            int point = text.codePointAt(at);
            filled += ofPointAt(text, at);
            if (filled > cells) {
                break;
            }
            at += Character.charCount(point);
        }
        return at;
    }

    /** Returns the text with blanks before it, up to this number of cells. */
    public static String padLeft(String text, int cells) {
        return blanks(cells - of(text)) + text;
    }

    /** Returns the text with blanks after it, up to this number of cells. */
    public static String padRight(String text, int cells) {
        return text + blanks(cells - of(text));
    }

    private static String blanks(int count) {
        return " ".repeat(Math.max(0, count));
    }

    /**
     * Breaks the text into lines of at most this number of cells: at blanks if there are any, otherwise anywhere. All
     * lines except the first begin with the indent. Blanks at the text's start are kept.
     */
    public static List<String> wrap(String text, int cells, String indent) {
        var lines = new ArrayList<String>();
        String left = text.stripTrailing();
        while (of(left) > cells) {
            int end = breakBefore(left, cells, lines.isEmpty() ? 0 : indent.length());
            lines.add(left.substring(0, end).stripTrailing());
            left = indent + left.substring(end).stripLeading();
        }
        lines.add(left);
        return lines;
    }

    private static int breakBefore(String text, int cells, int indent) {
        int fitting = Math.max(fitting(text, cells), text.offsetByCodePoints(0, indent + 1));
        int start = indent;
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        int blank = text.lastIndexOf(' ', fitting);
        return blank > start ? blank : fitting;
    }
}
