/**
 * Programs of the user's: one source file that runs without a build, and projects that are made from a template.
 *
 * <p>Open {@link dev.parley.cli.program.SourceProgram} first; {@link dev.parley.cli.program.Project} is the other.
 */
@NullMarked
package dev.parley.cli.program;

import org.jspecify.annotations.NullMarked;
