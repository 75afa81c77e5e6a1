package dev.parley.tests.attack;

/** It connects, and says nothing. */
final class Silent implements Attack {
    @Override
    public boolean isDone(int answers) {
        return false; // the server ends it
    }
}
