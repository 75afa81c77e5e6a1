/**
 * Tests of several messages under one id: streams, uploads, topics, files, and large contents. Open {@link
 * dev.parley.tests.streams.StreamTest} first.
 */
@NullMarked
package dev.parley.tests.streams;

import org.jspecify.annotations.NullMarked;
