package dev.parley.uring;

/** An object that submits operations to the ring of a loop: a connection, a listening socket, or the wake-up. */
abstract class RingHandle {
    /**
     * The number by which completions find this object. The lower bits are the place of this object in the core's table
     * of handles. The upper bits are a generation, which is different for each object that gets the same place.
     * Negative if the object has no number.
     */
    private long number = -1;

    /**
     * The number of operations of this object that still have a completion to come. While there are any, the object
     * keeps its {@link #number}. Quick sends are not counted, since most of them have no completion.
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
     * Returns true if this object will submit no more operations, so that its place is free for another object after
     * the last completion.
     */
    abstract boolean isOver();

    /** Does the work that was deferred with {@link UringCore#attendLater}. Called once for each such request. */
    abstract void attend();

    /**
     * Ends this object at once, because the loop ends. Bytes that were not sent yet are lost; only a connection has
     * such bytes.
     */
    void giveUp() {}

    /**
     * Closes the descriptor by a system call, and frees the memory. Called if the ring has ended before this object,
     * because a turn has failed: no completion will come.
     */
    abstract void abandon();

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
