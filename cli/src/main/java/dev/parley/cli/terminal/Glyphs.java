package dev.parley.cli.terminal;

/**
 * The characters with which pictures and progress are drawn, on terminals with and without Unicode.
 *
 * @param more the mark which says that something was cut off
 */
public record Glyphs(String lifeline, String dash, String right, String left, String more) {
    static final Glyphs UNICODE = new Glyphs("\u2502", "\u2500", "\u25b6", "\u25c0", "\u2026");
    static final Glyphs ASCII = new Glyphs("|", "-", ">", "<", "...");

    private static final int ASCII_END = 0x7f;

    /**
     * Returns a text that we did not write, in a form that can be shown. If the terminal can only show ASCII, other
     * characters are escaped.
     */
    public String shown(String text) {
        if (!equals(ASCII)) {
            return text;
        }
        var escaped = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (point < ASCII_END) {
                escaped.appendCodePoint(point);
            } else {
                escaped.append(String.format("\\u%04x", point));
            }
        });
        return escaped.toString();
    }
}
