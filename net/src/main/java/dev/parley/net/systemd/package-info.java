/**
 * Works with service managers such as systemd: reports that the service is ready, and its state (sd_notify(3)), and
 * uses listening sockets that the process was started with (sd_listen_fds(3)).
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.net.systemd;

import org.jspecify.annotations.NullMarked;
