/**
 * The transport for every platform: TCP and Unix sockets over the JDK's selectors. Not exported: a loop has it if
 * no other transport is chosen.
 *
 * <p>Open {@link dev.parley.net.nio.NioPoller} first; the files beside it are one kind of selection key each.
 */
@NullMarked
package dev.parley.net.nio;

import org.jspecify.annotations.NullMarked;
