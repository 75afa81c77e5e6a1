/**
 * Clusters of servers over a NATS broker: the actions of a server become a service of NATS, and shared topics become
 * subjects. Applications use {@link dev.parley.Cluster}. Open {@link dev.parley.nats.NatsBus} first.
 */
@NullMarked
package dev.parley.nats;

import org.jspecify.annotations.NullMarked;
