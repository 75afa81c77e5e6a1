/**
 * Three nodes of a cluster behind HAProxy, connected by NATS, under load, while they are killed, drained and started
 * again one after another. One command runs it: {@code examples/cluster/run}.
 */
@NullMarked
package dev.parley.examples.cluster;

import org.jspecify.annotations.NullMarked;
