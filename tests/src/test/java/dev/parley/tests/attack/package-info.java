/**
 * Attacks on a server that is a process of its own, while good clients use it: what happens to the attackers, and what
 * the others notice. Short by default; {@code -Dparley.attacks=full} runs each with its promised figures.
 */
@NullMarked
package dev.parley.tests.attack;

import org.jspecify.annotations.NullMarked;
