package dev.parley.cli.completion;

import java.util.ArrayList;
import java.util.List;

/**
 * The words that the shell should offer.
 *
 * @param candidates the words that fit
 * @param files whether the word may be the name of a file, which the shell completes by itself
 */
public record Completion(List<Candidate> candidates, boolean files) {
    static final Completion NOTHING = new Completion(List.of(), false);
    static final Completion FILES = new Completion(List.of(), true);

    static Completion of(List<Candidate> candidates) {
        return new Completion(List.copyOf(candidates), false);
    }

    /** Returns the candidates of both. */
    Completion or(Completion other) {
        var both = new ArrayList<>(candidates);
        both.addAll(other.candidates);
        return new Completion(List.copyOf(both), files || other.files);
    }

    Completion startingWith(String prefix) {
        return new Completion(
                candidates.stream()
                        .filter(candidate -> candidate.text().startsWith(prefix))
                        .toList(),
                files);
    }
}
