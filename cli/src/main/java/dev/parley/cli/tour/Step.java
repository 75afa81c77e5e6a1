package dev.parley.cli.tour;

/**
 * One event.
 *
 * @param connection its number within the recording, from 1, the same for both ends; 0 for a listening socket
 * @param detail an address, a backlog or a reason; else empty
 * @param state the state of this end of the connection from here on, such as {@code open}; empty for a listening socket
 * @param payload the bytes that it moved; {@link Payload#NONE} for calls that move none
 */
public record Step(Side side, Call call, int connection, String detail, String state, Payload payload) {
    /** Returns the number of bytes that it moved; 0 for calls that move none. */
    public int bytes() {
        return payload.bytes();
    }
}
