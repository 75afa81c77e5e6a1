/**
 * TCP and Unix sockets over io_uring: in each turn of a loop, one system call submits all operations that the loop
 * wants, and returns all events that have happened. The package is written with {@code java.lang.foreign} only, and
 * needs Linux 6.1 or newer.
 *
 * <p>Read {@link dev.parley.uring.UringTransport} first, then {@code UringPoller}, whose method {@code poll} is one
 * turn of a loop. Below it, {@code Ring} holds the two queues that are shared with the kernel, {@code Kernel} makes the
 * system calls, and {@code NativeMemory} reads and writes memory by its address. Sources: io_uring(7),
 * io_uring_setup(2), io_uring_enter(2), io_uring_register(2), and the kernel's include/uapi/linux/io_uring.h.
 */
@NullMarked
package dev.parley.uring;

import org.jspecify.annotations.NullMarked;
