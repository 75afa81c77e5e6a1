package dev.parley.tests.attack;

/** It connects, and says nothing. */
final class Silent implements Attack {}
