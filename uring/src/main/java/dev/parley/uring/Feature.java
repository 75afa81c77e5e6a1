package dev.parley.uring;

import java.util.EnumSet;
import java.util.Set;

/**
 * A feature of the kernel, which {@link Probe} looks for. Each constant says whether the transport requires it. An
 * older kernel lacks some features, and a test may hide some.
 */
enum Feature {
    /**
     * The kernel finishes completions on the loop's own thread, when the loop asks for them:
     * IORING_SETUP_DEFER_TASKRUN, Linux 6.1.
     */
    DEFERRED_WORK(true),
    /** The call that waits can have a timeout: IORING_FEAT_EXT_ARG, Linux 5.11. */
    TIMED_WAIT(true),
    /** If the completion queue is full, no completions are lost: IORING_FEAT_NODROP, Linux 5.5. */
    NO_DROP(true),
    /** A send that succeeds need not produce a completion: IORING_FEAT_CQE_SKIP, Linux 5.17. */
    SILENT_SUCCESS(true),
    /** The kernel picks a buffer for a receive when bytes have arrived: IORING_REGISTER_PBUF_RING, Linux 5.19. */
    PROVIDED_BUFFERS(true),
    /** The kernel has all operations that the transport uses, and can list them: IORING_REGISTER_PROBE, Linux 5.6. */
    OPERATIONS(true),
    /** The ring has no index array in front of the submissions: IORING_SETUP_NO_SQARRAY, Linux 6.6. */
    NO_SUBMISSION_ARRAY(false),
    /** A call need not look up the ring's descriptor: IORING_REGISTER_RING_FDS, Linux 5.18. */
    REGISTERED_RING(false),
    /** The kernel fills one buffer with several small messages, one after another: IOU_PBUF_RING_INC, Linux 6.12. */
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
