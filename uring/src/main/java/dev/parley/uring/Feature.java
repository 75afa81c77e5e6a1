package dev.parley.uring;

import java.util.EnumSet;
import java.util.Set;

/** A feature of the kernel, as {@link Probe} finds it. An older kernel lacks some, and a test may hide some. */
enum Feature {
    /**
     * The kernel finishes completions on the loop's own thread, when the loop asks: IORING_SETUP_DEFER_TASKRUN, Linux
     * 6.1.
     */
    DEFERRED_WORK(true),
    /** A wait with a timeout in the same call: IORING_FEAT_EXT_ARG, Linux 5.11. */
    TIMED_WAIT(true),
    /** A full completion queue loses nothing: IORING_FEAT_NODROP, Linux 5.5. */
    NO_DROP(true),
    /** A send that succeeds makes no completion: IORING_FEAT_CQE_SKIP, Linux 5.17. */
    SILENT_SUCCESS(true),
    /** The kernel picks a buffer when bytes are there: IORING_REGISTER_PBUF_RING, Linux 5.19. */
    PROVIDED_BUFFERS(true),
    /** Every operation that the transport uses: IORING_REGISTER_PROBE, Linux 5.6. */
    OPERATIONS(true),
    /** There is no second array between us and the submissions: IORING_SETUP_NO_SQARRAY, Linux 6.6. */
    NO_SUBMISSION_ARRAY(false),
    /** The ring's descriptor need not be looked up: IORING_REGISTER_RING_FDS, Linux 5.18. */
    REGISTERED_RING(false),
    /** A buffer is filled by one small message after another: IOU_PBUF_RING_INC, Linux 6.12. */
    INCREMENTAL_BUFFERS(false);

    private final boolean required;

    Feature(boolean required) {
        this.required = required;
    }

    /** Returns the features that the transport cannot work without. */
    static Set<Feature> required() {
        var all = EnumSet.allOf(Feature.class);
        all.removeIf(feature -> !feature.required);
        return all;
    }
}
