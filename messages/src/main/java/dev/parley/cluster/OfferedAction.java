package dev.parley.cluster;

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
}
