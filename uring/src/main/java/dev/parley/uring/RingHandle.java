package dev.parley.uring;

/** An object that submits operations to the ring of a loop: a connection, a listening socket, or the wake-up. */
abstract class RingHandle {
    /**
     * In the lower bits, the place of this object among the handles of its core; in the upper bits a generation, which
     * is different for each object that gets the same place. Negative if the object has no number.
     */
    private long number = -1;

    /**
     * The number of operations whose last completion has not arrived. While it is above 0, the object keeps its number.
     */
    private int underWay;

    /** Called with each completion of this object's operations, on the loop's thread. */
    abstract void completed(Operation operation, int result, int flags);

    /**
     * Handles an exception that {@link #completed} or another callback has thrown, which must end only this object, not
     * the loop.
     */
    abstract void broke(Throwable thrown);

    /**
     * Returns true if this object will submit no more operations, so that its number is free after the last completion.
     */
    abstract boolean isOver();

    /** Does the work that was deferred with {@link UringCore#attendLater}. Called once for each such request. */
    abstract void attend();

    /**
     * Ends this object at once, because the loop ends. Bytes that were not sent yet are lost; only a connection has
     * such bytes.
     */
    void giveUp() {}

    /** Returns the number that the tags of this object's operations contain. */
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
