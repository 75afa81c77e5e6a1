/**
 * The tests that need the test kit, by what they test:
 *
 * <ul>
 *   <li>{@code contract}: what every transport does
 *   <li>{@code connections}: addresses, connects, loops and connections
 *   <li>{@code server}, {@code client}, {@code streams}: messages, from either side
 *   <li>{@code corpus}, {@code fuzz}: bad input
 *   <li>{@code proxy}, {@code sim}: bad networks
 *   <li>{@code attack}, {@code load}: many peers, and hostile ones
 *   <li>{@code processes}, {@code commands}: programs as their user sees them
 *   <li>{@code docs}, {@code rules}: the pages, and the source tree
 *   <li>{@code bed}: what the tests share
 * </ul>
 *
 * <p>Open {@link dev.parley.tests.client.ClientTest} first for how a test of messages is written, and {@link
 * dev.parley.tests.contract.BytesContract} for what a transport must do.
 */
@NullMarked
package dev.parley.tests;

import org.jspecify.annotations.NullMarked;
