package dev.parley.cli;

/** When to colour, as {@code --color} says it. */
enum ColorWhen {
    AUTO,
    ALWAYS,
    NEVER
}
