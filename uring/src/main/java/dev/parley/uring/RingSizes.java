package dev.parley.uring;

/**
 * The sizes of the queues and the buffers of one ring.
 *
 * @param submissions the size of the submission queue, a power of two; a full queue is handed to the kernel before the
 *     end of the turn
 * @param completions the size of the completion queue, a power of two greater than {@code submissions}; completions for
 *     which there is no room wait in the kernel
 * @param buffers the number of receive buffers, a power of two; if none is left, receives begin again when some have
 *     been given back
 * @param bufferBytes the size of each receive buffer
 * @param largeBuffers the number of large receive buffers, for connections that receive much at once, a power of two;
 *     each is filled only once before it is given back
 * @param largeBufferBytes the size of each large receive buffer
 */
record RingSizes(
        int submissions, int completions, int buffers, int bufferBytes, int largeBuffers, int largeBufferBytes) {
    /**
     * The default sizes: 2 MiB of buffers, and 8 MiB of large buffers, which are allocated only when a peer first sends
     * much at once.
     */
    static final RingSizes DEFAULT = new RingSizes(256, 8192, 64, 32 * 1024, 64, 128 * 1024);
}
