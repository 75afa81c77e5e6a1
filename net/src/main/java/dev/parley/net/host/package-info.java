/**
 * What the operating system says about this process and its neighbours: the limit of open files, who holds a port, and
 * signals. Exported to the layers above alone.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.host;

import org.jspecify.annotations.NullMarked;
