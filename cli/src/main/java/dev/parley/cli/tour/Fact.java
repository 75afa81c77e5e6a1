package dev.parley.cli.tour;

/**
 * A row under a chapter's diagram.
 *
 * @param part the part of the message that has the bytes, such as {@code header}; empty for a row without bytes bytes
 * @param hex the bytes, such as {@code 00 67}; empty for a row without
 * @param text the meaning of the bytes
 */
public record Fact(String part, String hex, String text) {
    static Fact said(String text) {
        return new Fact("", "", text);
    }
}
