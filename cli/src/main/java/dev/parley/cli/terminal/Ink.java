package dev.parley.cli.terminal;

/** The colours of our output. There are only a few. They never carry information that is not in the text too. */
public enum Ink {
    /** Headings. */
    TITLE("1"),
    /** Parts of a drawing without a meaning of their own, such as lines. */
    FAINT("2"),
    /** Output about the client. */
    CLIENT("36"),
    /** Output about the server. */
    SERVER("33"),
    /** A connection's state. */
    STATE("32"),
    /** Errors. */
    ERROR("1;31");

    private final String code;

    Ink(String code) {
        this.code = code;
    }

    String on(String text) {
        return text.isBlank() ? text : "\033[" + code + "m" + text + "\033[0m";
    }
}
