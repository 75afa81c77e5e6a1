/**
 * TCP and Unix sockets over io_uring: the loop's one system call in a turn hands over everything it wants done and
 * brings back everything that happened. Written with {@code java.lang.foreign} alone; Linux 6.1 or newer.
 *
 * <p>Open {@link dev.parley.uring.UringTransport} first, then {@code UringPoller}: one turn of a loop is its method
 * {@code poll}. Below it, {@code Ring} is the two queues that are shared with the kernel, {@code Kernel} the system
 * calls, {@code NativeMemory} reads and writes what lies at an address. Sources: io_uring(7), io_uring_setup(2),
 * io_uring_enter(2), io_uring_register(2), and the kernel's include/uapi/linux/io_uring.h.
 */
@NullMarked
package dev.parley.uring;

import org.jspecify.annotations.NullMarked;
