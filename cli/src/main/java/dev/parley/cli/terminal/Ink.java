package dev.parley.cli.terminal;

/** The colours of what we draw: few, and none says what the text does not. */
public enum Ink {
    /** Headings. */
    TITLE("1"),
    /** What is there to hold the rest together. */
    FAINT("2"),
    /** What comes from the client. */
    CLIENT("36"),
    /** What comes from the server. */
    SERVER("33"),
    /** A connection's state. */
    STATE("32"),
    /** What went wrong. */
    ERROR("1;31");

    private final String code;

    Ink(String code) {
        this.code = code;
    }

    String on(String text) {
        return text.isBlank() ? text : "\033[" + code + "m" + text + "\033[0m";
    }
}
