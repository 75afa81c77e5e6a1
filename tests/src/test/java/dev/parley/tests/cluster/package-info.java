/** Servers that answer for each other: inside one process, and over a NATS broker of the test's own. */
@NullMarked
package dev.parley.tests.cluster;

import org.jspecify.annotations.NullMarked;
