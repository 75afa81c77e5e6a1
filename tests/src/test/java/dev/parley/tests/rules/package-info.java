/**
 * Tests of the rules of the source tree: which package may use which. Open {@link
 * dev.parley.tests.rules.SourceRulesTest} first.
 */
@NullMarked
package dev.parley.tests.rules;

import org.jspecify.annotations.NullMarked;
