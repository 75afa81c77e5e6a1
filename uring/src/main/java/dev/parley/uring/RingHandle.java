package dev.parley.uring;

/** Something of a loop that has operations under way: a connection, a listening socket, the wake-up. */
abstract class RingHandle {
    /** Its place among the owners of its poller, and above that which of those who had the place it is. */
    private long number = -1;

    /** How many operations have not told their last completion: the number is kept for as long. */
    private int underWay;

    /** An operation of ours told something; on the loop's thread. */
    abstract void completed(Operation operation, int result, int flags);

    /** What {@link #completed} or another callback let through: it must cost this one, and not the loop. */
    abstract void broke(Throwable thrown);

    /** Whether nothing will be submitted any more, so that the number is free after the last completion. */
    abstract boolean isOver();

    /** What was put off until the next poll; called there once. */
    abstract void attend();

    /** What its completions name it by. */
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
