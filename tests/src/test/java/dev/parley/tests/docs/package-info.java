/**
 * Tests that examples, pages and comments say what the code does. Open {@link dev.parley.tests.docs.DocsTest} first.
 */
@NullMarked
package dev.parley.tests.docs;

import org.jspecify.annotations.NullMarked;
