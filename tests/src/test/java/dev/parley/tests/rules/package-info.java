/**
 * The rules of the source tree: who may use whom. Open
 * {@link dev.parley.tests.rules.SourceRulesTest} first.
 */
@NullMarked
package dev.parley.tests.rules;

import org.jspecify.annotations.NullMarked;
