package dev.parley.uring;

/** What a ring may run out of. Nothing is lost by it: it costs time, and larger {@link RingSizes} would save that. */
enum Shortage {
    SUBMISSIONS("the queue of submissions was full, and was handed over in the middle of a turn"),
    COMPLETIONS("the queue of completions was full, and some waited in the kernel"),
    BUFFERS("no buffer was free for bytes that had arrived (ENOBUFS), and they waited in the kernel");

    private final String text;

    Shortage(String text) {
        this.text = text;
    }

    /** In words, for a log. */
    String text() {
        return text;
    }
}
