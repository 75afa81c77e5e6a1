/**
 * Asks the operating system about this process and its neighbours: the limit of open files, who holds a port, and
 * signals. For the layers above Parley's connections: not for users, and it may change.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.host;

import org.jspecify.annotations.NullMarked;
