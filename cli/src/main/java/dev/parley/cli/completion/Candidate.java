package dev.parley.cli.completion;

/**
 * One way to go on with a command line.
 *
 * @param text the whole word, with what the user has typed of it
 * @param description what it means, in one line; empty if there is nothing to say
 */
public record Candidate(String text, String description) {
    Candidate(String text) {
        this(text, "");
    }
}
