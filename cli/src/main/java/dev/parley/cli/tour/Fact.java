package dev.parley.cli.tour;

/**
 * A fact about a chapter's messages, which is a row below the chapter's diagram.
 *
 * @param part the part of the message to which the bytes belong, such as {@code header}; empty for a row without bytes
 * @param hex the bytes, such as {@code 00 67}; empty for a row without bytes
 * @param text the meaning of the bytes, or the text of a row without bytes
 */
public record Fact(String part, String hex, String text) {
    static Fact said(String text) {
        return new Fact("", "", text);
    }
}
