package dev.parley.tests.fuzz;

/** A check that takes any bytes and says whether what must hold does. Not for several threads. */
interface Target extends AutoCloseable {
    /**
     * Tries one input.
     *
     * @throws AssertionError when something that must hold does not
     */
    void run(byte[] data);

    @Override
    default void close() {}
}
