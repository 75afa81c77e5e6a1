/** Tests of the test kit's simulated network: what it promises, and what it costs. */
@NullMarked
package dev.parley.tests.sim;

import org.jspecify.annotations.NullMarked;
