/**
 * Service managers: readiness and state (sd_notify(3)), and listening sockets that the process was started with
 * (sd_listen_fds(3)).
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.systemd;

import org.jspecify.annotations.NullMarked;
