package dev.parley.cli.tour;

import java.util.Locale;

/**
 * Draws one picture as an SVG document. The document has no scripts and no external resources. It has a background of
 * its own, which is light or dark like the reader's system. Coordinates are pixels from the top left.
 */
final class Svg {
    private static final String STYLE = """
              <style>
                text { font: 13px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328 }
                .title { font: bold 18px system-ui, 'DejaVu Sans', sans-serif }
                .lesson { font: 13px system-ui, 'DejaVu Sans', sans-serif; fill: #59636e }
                .head, .part { font-weight: bold }
                .note, .hex { font-size: 11px; fill: #59636e }
                .paper { fill: #ffffff }
                .box { fill: #f6f8fa; stroke: #59636e }
                .life { stroke: #59636e }
                .client { fill: #0550ae; stroke: none }
                .server { fill: #953800; stroke: none }
                line.client { stroke: #0550ae; stroke-width: 1.5 }
                line.server { stroke: #953800; stroke-width: 1.5 }
                .halo { stroke: #ffffff; stroke-width: 4; paint-order: stroke; font-size: 12px }
                .length { fill: #ddf4ff; stroke: #54aeff }
                .header { fill: #fff8c5; stroke: #d4a72c }
                .content { fill: #dafbe1; stroke: #4ac26b }
                @media (prefers-color-scheme: dark) {
                  text { fill: #e6edf3 }
                  .lesson, .note, .hex { fill: #9198a1 }
                  .paper { fill: #0d1117 }
                  .box { fill: #151b23; stroke: #9198a1 }
                  .life { stroke: #9198a1 }
                  .client { fill: #79c0ff }
                  .server { fill: #ffa657 }
                  line.client { stroke: #79c0ff }
                  line.server { stroke: #ffa657 }
                  .halo { stroke: #0d1117 }
                  .length { fill: #0c2d6b; stroke: #388bfd }
                  .header { fill: #3b2300; stroke: #9e6a03 }
                  .content { fill: #033a16; stroke: #2ea043 }
                }
              </style>
            """;

    private final StringBuilder body = new StringBuilder();

    /** The part of a text that is at its coordinates. */
    enum Anchor {
        START,
        MIDDLE,
        END
    }

    void text(String style, Anchor anchor, int x, int y, String text) {
        body.append(String.format(
                Locale.ROOT,
                "  <text class=\"%s\" x=\"%d\" y=\"%d\"%s>%s</text>%n",
                style,
                x,
                y,
                anchoring(anchor),
                escaped(text)));
    }

    /** Draws a text above the middle of a line, in the direction of the line. */
    void textAlong(String style, int x1, int y1, int x2, int y2, String text) {
        int x = (x1 + x2) / 2;
        int y = (y1 + y2) / 2;
        double degrees = Math.toDegrees(Math.atan((double) (y2 - y1) / (x2 - x1)));
        body.append(String.format(
                Locale.ROOT,
                "  <text class=\"%s\" x=\"%d\" y=\"%d\" transform=\"rotate(%.1f %d %d)\"%s>%s</text>%n",
                style,
                x,
                y - 5,
                degrees,
                x,
                y,
                anchoring(Anchor.MIDDLE),
                escaped(text)));
    }

    void line(String style, int x1, int y1, int x2, int y2) {
        body.append(String.format(
                Locale.ROOT,
                "  <line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
    }

    void rectangle(String style, int x, int y, int width, int height) {
        body.append(String.format(
                Locale.ROOT,
                "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"/>%n",
                style,
                x,
                y,
                width,
                height));
    }

    void dot(String style, int x, int y) {
        body.append(String.format(Locale.ROOT, "  <circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"3\"/>%n", style, x, y));
    }

    /** Draws the head of an arrow at the end of its line. */
    void arrowHead(String style, int x1, int y1, int x2, int y2) {
        double degrees = Math.toDegrees(Math.atan2((double) y2 - y1, (double) x2 - x1));
        body.append(String.format(
                Locale.ROOT,
                "  <path class=\"%s\" d=\"M0 0-9-4-9 4z\" transform=\"translate(%d %d) rotate(%.1f)\"/>%n",
                style,
                x2,
                y2,
                degrees));
    }

    /** Returns the whole document. */
    String document(int width, int height, String title, String description) {
        String head = String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">%n"
                        + "  <title>%s</title>%n  <desc>%s</desc>%n",
                width,
                height,
                width,
                height,
                escaped(title),
                escaped(description));
        String paper = String.format(
                Locale.ROOT, "  <rect class=\"paper\" width=\"%d\" height=\"%d\" rx=\"6\"/>%n", width, height);
        return (head + STYLE + paper + body + "</svg>\n").replace(System.lineSeparator(), "\n");
    }

    private static String anchoring(Anchor anchor) {
        return anchor == Anchor.START ? "" : " text-anchor=\"" + anchor.name().toLowerCase(Locale.ROOT) + "\"";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
