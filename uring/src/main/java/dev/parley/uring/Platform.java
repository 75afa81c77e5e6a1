package dev.parley.uring;

/**
 * The platforms for which the numbers and layouts of this package are right. Unlike {@link Kernel}, this class needs no
 * native access.
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
