package dev.parley.cli.tour;

/**
 * A row under a chapter's diagram.
 *
 * @param part what the bytes are a part of, such as {@code header}; empty for a row without bytes
 * @param hex the bytes, such as {@code 00 67}; empty for a row without
 * @param text what they say
 */
public record Fact(String part, String hex, String text) {
    static Fact said(String text) {
        return new Fact("", "", text);
    }
}
