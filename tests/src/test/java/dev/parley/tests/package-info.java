/**
 * What needs the test kit: the transport contract, interoperability, and the rules of the source tree.
 *
 * <p>Open {@link dev.parley.tests.ClientTest} first for how a test of messages is written, and {@link
 * dev.parley.tests.contract.BytesContract} for what a transport must do.
 */
@NullMarked
package dev.parley.tests;

import org.jspecify.annotations.NullMarked;
