package dev.parley.cli;

import java.util.Locale;

/** When to colour, as {@code --color} says it. */
enum ColorWhen {
    AUTO,
    ALWAYS,
    NEVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
