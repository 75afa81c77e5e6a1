/**
 * Asks the operating system about this process and other processes: for the limit of open files, for the process that
 * holds a port, and for signals. This package is meant for the layers above Parley's connections, not for users, and
 * may change.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.host;

import org.jspecify.annotations.NullMarked;
