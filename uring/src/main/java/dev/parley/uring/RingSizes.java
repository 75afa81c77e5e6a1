package dev.parley.uring;

/**
 * How large the queues and the buffers of one ring are.
 *
 * @param submissions a power of two; a full queue is handed over early
 * @param completions a power of two, more than that; what finds no room waits in the kernel
 * @param buffers a power of two; where none is left, receives begin again when some are back
 * @param bufferBytes of each
 * @param largeBuffers a power of two; those for connections that receive much at once, each filled once
 * @param largeBufferBytes of each
 */
record RingSizes(
        int submissions, int completions, int buffers, int bufferBytes, int largeBuffers, int largeBufferBytes) {
    /** Two megabytes of buffers, and eight more once somebody sends much at once. */
    static final RingSizes DEFAULT = new RingSizes(256, 8192, 64, 32 * 1024, 64, 128 * 1024);
}
