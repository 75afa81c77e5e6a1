package dev.parley.cli.tour;

/**
 * One event of a recording.
 *
 * @param connection the number of the connection within the recording, from 1, which is the same for both ends; 0 for a
 *     listening socket
 * @param detail an address, a backlog or a reason; empty if the call has none
 * @param state the state of this end of the connection after the event, such as {@code open}; empty for a listening
 *     socket
 * @param payload the bytes that the call moved; {@link Payload#NONE} for a call that moves none
 */
public record Step(Side side, Call call, int connection, String detail, String state, Payload payload) {
    /** Returns the number of bytes that the call moved; 0 for a call that moves none. */
    public int bytes() {
        return payload.bytes();
    }
}
