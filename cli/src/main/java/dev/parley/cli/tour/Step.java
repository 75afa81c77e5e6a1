package dev.parley.cli.tour;

/**
 * One thing that happened.
 *
 * @param connection its number within the recording, from 1, the same for both ends; 0 for a listening socket
 * @param detail an address, a backlog or a reason; else empty
 * @param state what this end of the connection is in from here on, such as {@code open}; empty for a listening socket
 * @param payload the bytes that went; {@link Payload#NONE} for calls that move none
 */
public record Step(Side side, Call call, int connection, String detail, String state, Payload payload) {
    /** How many bytes went; 0 for calls that move none. */
    public int bytes() {
        return payload.bytes();
    }
}
