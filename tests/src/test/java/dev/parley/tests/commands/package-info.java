/**
 * Tests of the commands, and of what they print when the system refuses something. Open {@link
 * dev.parley.tests.commands.AppCommandsTest} first.
 */
@NullMarked
package dev.parley.tests.commands;

import org.jspecify.annotations.NullMarked;
