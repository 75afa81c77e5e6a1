package dev.parley.uring;

/**
 * The sizes of the queues and the buffers of one ring.
 *
 * @param submissions a power of two; a full queue is handed over early
 * @param completions a power of two, greater than that of the submissions; completions that find no room wait in the
 *     kernel
 * @param buffers a power of two; if none is left, receives begin again when some have been given back
 * @param bufferBytes the size of each
 * @param largeBuffers a power of two; the buffers for connections that receive much at once, each filled once
 * @param largeBufferBytes the size of each
 */
record RingSizes(
        int submissions, int completions, int buffers, int bufferBytes, int largeBuffers, int largeBufferBytes) {
    /** Two megabytes of buffers, and eight more once a peer sends much at once. */
    static final RingSizes DEFAULT = new RingSizes(256, 8192, 64, 32 * 1024, 64, 128 * 1024);
}
