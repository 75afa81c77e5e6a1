package dev.parley.tests.attack;

/** An attacker that connects, and sends nothing. */
final class Silent implements Attack {
    @Override
    public boolean isDone(int answers) {
        return false; // the server ends it
    }
}
