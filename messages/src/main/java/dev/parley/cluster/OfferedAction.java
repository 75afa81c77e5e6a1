package dev.parley.cluster;

import java.io.IOException;

/**
 * An action that a node offers to its cluster.
 *
 * @param name a valid name of an action
 * @param kind {@link #CALL}, {@code stream}, {@code upload} or {@code duplex}
 * @param question the type of the question, as {@code parley actions} shows it
 * @param answer the type of the answer
 */
public record OfferedAction(String name, String kind, String question, String answer) {
    /** The kind of an action with one message as its question, and one as its answer. */
    public static final String CALL = "call";

    /**
     * Refuses another action of this name with other types, since a request could reach either of them.
     *
     * @param other what another node offers under this name
     * @throws IOException if the types or kinds differ; the message says how
     */
    public void checkSame(OfferedAction other) throws IOException {
        if (!equals(other)) {
            throw new IOException("another node offers '" + name + "' as " + other.described() + ", and this one as "
                    + described() + "; give one of them another name, or update all nodes");
        }
    }

    private String described() {
        return kind + " from " + question + " to " + answer;
    }
}
