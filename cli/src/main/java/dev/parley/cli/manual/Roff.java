package dev.parley.cli.manual;

/** Text in the macros of man(7). */
final class Roff {
    private final StringBuilder text = new StringBuilder();

    /** Adds the first line of a page, whose arguments are not shown as text. */
    Roff title(String... arguments) {
        text.append(".TH");
        for (String argument : arguments) {
            text.append(" \"").append(argument).append('"');
        }
        text.append('\n');
        return this;
    }

    /** Adds a macro in a line of its own, whose arguments are quoted. */
    Roff macro(String name, String... arguments) {
        text.append('.').append(name);
        for (String argument : arguments) {
            text.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
        }
        text.append('\n');
        return this;
    }

    /** Adds a line of text. A dot at its start would make it a macro. */
    Roff line(String line) {
        if (line.startsWith(".")) {
            text.append("\\&");
        }
        text.append(escaped(line)).append('\n');
        return this;
    }

    /**
     * Returns the text with each character as itself. For some of ASCII, man(1) would print others, such as another
     * dash for a hyphen, and a command that is copied from the page would not work (groff_char(7)).
     */
    private static String escaped(String plain) {
        return plain.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("`", "\\(ga")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
