package dev.parley.frame;

/** Which way a message goes: some keys are the client's to send, some the server's. */
public enum Direction {
    /** From the connecting end to the accepting one. */
    REQUEST,
    /** Back. */
    RESPONSE
}
