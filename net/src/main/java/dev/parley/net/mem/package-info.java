/**
 * The transport of the tests: connections inside one process, with the same behaviour as sockets and none of the
 * kernel.
 *
 * <p>Open {@link dev.parley.net.mem.MemNetwork} first: it is the place where names are bound and connected. A {@code
 * MemPoller} is what one loop waits with, a {@code MemChannel} one end of a connection, a {@code MemPipe} the bytes of
 * one direction.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.mem;

import org.jspecify.annotations.NullMarked;
