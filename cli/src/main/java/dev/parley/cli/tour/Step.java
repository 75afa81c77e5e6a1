package dev.parley.cli.tour;

/**
 * One thing that happened.
 *
 * @param connection its number within the recording, from 1, the same for both ends; 0 for a listening socket
 * @param bytes how many bytes went; 0 for calls that move none
 * @param detail an address, a reason, or the start of the bytes as text
 * @param state what this end of the connection is in from here on, such as {@code open}; empty for a listening socket
 */
public record Step(Side side, Call call, int connection, int bytes, String detail, String state) {}
