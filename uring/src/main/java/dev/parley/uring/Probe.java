package dev.parley.uring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out by trying which features the kernel has. Version numbers say little, since distributions backport and
 * remove features, and administrators switch them off.
 */
final class Probe {
    private static final int REGISTER_PROBE = 8;
    private static final int PROBE_OPS = 64;
    private static final int OP_SUPPORTED = 1;
    private static final int ENTRIES = 8;

    private static final int FEAT_NODROP = 1 << 1;
    private static final int FEAT_EXT_ARG = 1 << 8;
    private static final int FEAT_CQE_SKIP = 1 << 11;

    /** The features that were found, and the reason why they are not enough; the reason is empty if they are enough. */
    record Found(Set<Feature> features, String reason) {
        boolean isEnough() {
            return reason.isEmpty();
        }
    }

    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

    private final Set<Feature> hidden;

    private Probe(Set<Feature> hidden) {
        this.hidden = hidden;
    }

    /**
     * Probes this kernel.
     *
     * @param hidden features to treat as missing, for tests
     */
    static Found look(Set<Feature> hidden) {
        if (!Platform.isKnown()) {
            return new Found(Set.of(), "it needs Linux on x86-64 or AArch64");
        }
        return new Probe(hidden).look();
    }

    private Found look() {
        var wanted = EnumSet.of(Feature.DEFERRED_WORK, Feature.NO_SUBMISSION_ARRAY);
        wanted.removeAll(hidden);
        try {
            return tryOut(wanted);
        } catch (UringException e) {
            return new Found(Set.of(), why(e));
        } catch (IOException e) {
            return new Found(Set.of(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * Opens a ring with the newer flags and, if the kernel refuses, without them: an older kernel reports only EINVAL,
     * and not which flag it does not know.
     */
    private Found tryOut(Set<Feature> wanted) throws IOException {
        for (Feature newest : new Feature[] {Feature.NO_SUBMISSION_ARRAY, Feature.DEFERRED_WORK}) {
            try (Ring ring = Ring.open(wanted, ENTRIES, 2 * ENTRIES, DirectMemory.shared())) {
                return judge(found(ring, wanted));
            } catch (UringException e) {
                if (e.errno() != Kernel.EINVAL) {
                    throw e;
                }
                wanted.remove(newest);
            }
        }
        try (Ring ring = Ring.open(wanted, ENTRIES, 2 * ENTRIES, DirectMemory.shared())) {
            return judge(found(ring, wanted));
        }
    }

    private static Found judge(Set<Feature> features) {
        var missing = EnumSet.copyOf(Feature.required());
        missing.removeAll(features);
        return new Found(features, missing.isEmpty() ? "" : "the kernel is too old: it has no " + missing);
    }

    /**
     * Returns the reason for the failure in words for an administrator: if the error number allows it, with what to do.
     */
    static String why(UringException e) {
        return switch (e.errno()) {
            case Kernel.ENOSYS -> "the kernel has no io_uring, or seccomp hides it";
            case Kernel.EPERM, Kernel.EACCES ->
                "it is not allowed here: by kernel.io_uring_disabled, or by seccomp as in containers";
            case Kernel.ENOMEM -> "too little memory may be locked: raise ulimit -l";
            case Kernel.EMFILE, Kernel.ENFILE -> "too many open files: raise the limit with ulimit -n";
            case Kernel.EINVAL -> "the kernel is too old: it needs Linux 6.1";
            default -> String.valueOf(e.getMessage());
        };
    }

    private Set<Feature> found(Ring ring, Set<Feature> ofSetup) throws IOException {
        var found = EnumSet.copyOf(ofSetup);
        addIf(found, Feature.NO_DROP, (ring.kernelFeatures() & FEAT_NODROP) != 0);
        addIf(found, Feature.TIMED_WAIT, (ring.kernelFeatures() & FEAT_EXT_ARG) != 0);
        addIf(found, Feature.SILENT_SUCCESS, (ring.kernelFeatures() & FEAT_CQE_SKIP) != 0);
        addIf(found, Feature.OPERATIONS, hasOperations(ring));
        addIf(found, Feature.REGISTERED_RING, ring.canRegisterItself());
        addIf(
                found,
                Feature.INCREMENTAL_BUFFERS,
                keepsOrder(System.getProperty("os.version")) && hasBuffers(ring, true));
        addIf(found, Feature.PROVIDED_BUFFERS, hasBuffers(ring, false));
        ring.enter(false, 0); // a seccomp filter may allow all calls before, and refuse only this one
        return found;
    }

    /**
     * Returns true if the kernel reports receives into one buffer in the order in which it has filled the buffer.
     * Earlier kernels with incremental buffers, from 6.12 on, may report a receive of one connection before that of
     * another, so that each would get the other's bytes (the commit "io_uring: ensure deferred completions are flushed
     * for multishot").
     *
     * @param release the release of the kernel, as uname(2) says it, such as {@code 6.18.44-generic}
     */
    static boolean keepsOrder(String release) {
        Matcher version = VERSION.matcher(release);
        if (!version.lookingAt()) {
            return false;
        }
        int major = Integer.parseInt(version.group(1));
        return major > 6 || major == 6 && Integer.parseInt(version.group(2)) >= 15;
    }

    private void addIf(Set<Feature> found, Feature feature, boolean isThere) {
        if (isThere && !hidden.contains(feature)) {
            found.add(feature);
        }
    }

    /**
     * Returns true if the kernel has all operations that the transport uses. Reads struct io_uring_probe: a header of
     * 16 bytes, then 8 bytes for each operation, with its flags at offset 2.
     */
    private static boolean hasOperations(Ring ring) throws UringException {
        try (Arena scratch = Arena.ofConfined()) {
            long at = scratch.allocate(16 + 8L * PROBE_OPS, 8).address();
            ring.register(REGISTER_PROBE, at, PROBE_OPS);
            for (int operation : Submissions.OPERATIONS) {
                if ((NativeMemory.getShort(at + 16 + 8L * operation + 2) & OP_SUPPORTED) == 0) {
                    return false;
                }
            }
            return true;
        } catch (UringException noProbe) {
            return isMissing(noProbe);
        }
    }

    private static boolean hasBuffers(Ring ring, boolean incremental) throws UringException {
        try {
            BufferRing.open(ring, incremental, 1, 1, 64, DirectMemory.shared()).close(ring);
            return true;
        } catch (UringException refused) {
            return isMissing(refused);
        }
    }

    /** Returns false if the kernel does not know the call. Rethrows any other failure, which has another reason. */
    private static boolean isMissing(UringException refused) throws UringException {
        if (refused.errno() != Kernel.EINVAL) {
            throw refused;
        }
        return false;
    }
}
