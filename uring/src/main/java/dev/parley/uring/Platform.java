package dev.parley.uring;

/** Where the numbers and layouts of this package hold. Needs no native access, as {@link Kernel} does. */
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
