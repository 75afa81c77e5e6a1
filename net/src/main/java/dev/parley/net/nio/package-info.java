/**
 * The transport for every platform: TCP and Unix sockets over the JDK's selectors. A loop uses it if it was chosen by
 * name, or if no faster transport can be used. This package is exported only to the module of io_uring.
 *
 * <p>Read {@link dev.parley.net.nio.NioPoller} first. {@code NioChannel} and {@code NioServerChannel} are the two kinds
 * of object that are registered with its selector.
 */
@NullMarked
package dev.parley.net.nio;

import org.jspecify.annotations.NullMarked;
