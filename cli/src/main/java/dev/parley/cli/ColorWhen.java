package dev.parley.cli;

import java.util.Locale;

/** The values of {@code --color}, which say when output is coloured. */
enum ColorWhen {
    AUTO,
    ALWAYS,
    NEVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
