/**
 * Programs of the user: single source files that run without a build, and projects that are created from a template.
 *
 * <p>Read {@link dev.parley.cli.program.SourceProgram} and {@link dev.parley.cli.program.Project} first.
 */
@NullMarked
package dev.parley.cli.program;

import org.jspecify.annotations.NullMarked;
