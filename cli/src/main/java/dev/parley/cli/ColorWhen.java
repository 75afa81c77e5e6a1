package dev.parley.cli;

import java.util.Locale;

/** The value of {@code --color}: when to colour. */
enum ColorWhen {
    AUTO,
    ALWAYS,
    NEVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
