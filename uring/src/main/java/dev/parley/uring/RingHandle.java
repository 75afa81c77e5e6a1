package dev.parley.uring;

/** An object of a loop that has operations under way: a connection, a listening socket, or the wake-up. */
abstract class RingHandle {
    /**
     * Its place among the handles of its core, and in the upper bits a generation, which differs for each owner of that
     * place.
     */
    private long number = -1;

    /**
     * The number of operations whose last completion has not arrived; the object keeps its number until there are none.
     */
    private int underWay;

    /** Notes a completion of one of this object's operations. Called on the loop's thread. */
    abstract void completed(Operation operation, int result, int flags);

    /** Notes what {@link #completed} or another callback threw; only this object may fail from it, and not the loop. */
    abstract void broke(Throwable thrown);

    /** Returns true if nothing more will be submitted, so that the number is free after the last completion. */
    abstract boolean isOver();

    /** Does what was put off until the next poll, which calls this once. */
    abstract void attend();

    /** Ends at once, since the loop ends: bytes that have not gone out are lost. Only a connection has such bytes. */
    void giveUp() {}

    /** Returns the number by which its completions name it. */
    final long number() {
        return number;
    }

    final void number(long given) {
        number = given;
    }

    final void began() {
        underWay++;
    }

    final void ended() {
        underWay--;
    }

    final boolean hasUnderWay() {
        return underWay > 0;
    }
}
