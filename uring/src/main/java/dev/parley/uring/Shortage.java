package dev.parley.uring;

/** A resource that a ring may run out of. A shortage costs only time; larger {@link RingSizes} would avoid it. */
enum Shortage {
    SUBMISSIONS("the queue of submissions was full, and was handed over in the middle of a turn"),
    COMPLETIONS("the queue of completions was full, and some waited in the kernel"),
    BUFFERS("no buffer was free for bytes that had arrived (ENOBUFS), and they waited in the kernel");

    private final String text;

    Shortage(String text) {
        this.text = text;
    }

    /** Returns a description for a log. */
    String text() {
        return text;
    }
}
