/**
 * The transport of the tests: connections inside one process, which behave like sockets, but do not use the kernel.
 *
 * <p>Read {@link dev.parley.net.mem.MemNetwork} first, in which names are bound and connected. One loop waits with a
 * {@code MemPoller}. A {@code MemChannel} is one end of a connection, and a {@code MemPipe} holds the bytes of one
 * direction.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.mem;

import org.jspecify.annotations.NullMarked;
