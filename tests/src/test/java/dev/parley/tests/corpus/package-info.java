/**
 * Tests of bad input, and of good input that looks bad: what a server of messages must do with it, however it is cut.
 * Open {@link dev.parley.tests.corpus.CorpusCase} first; the tables are in the classes beside it.
 */
@NullMarked
package dev.parley.tests.corpus;

import org.jspecify.annotations.NullMarked;
