package dev.parley.uring;

/**
 * Decides whether this platform is one for which the numbers and layouts of this package are right: Linux on x86-64 or
 * AArch64. Unlike {@link Kernel}, this class needs no native access.
 */
final class Platform {
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");
    private static final boolean X86 = System.getProperty("os.arch", "").equals("amd64");
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

    private Platform() {}

    static boolean isKnown() {
        return LINUX && (X86 || ARM);
    }

    static boolean isArm() {
        return ARM;
    }
}
