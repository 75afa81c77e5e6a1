/**
 * A bus that connects the nodes of a {@link dev.parley.Cluster}. A module for a broker implements {@link
 * dev.parley.cluster.ClusterBus}, and is found through {@link dev.parley.cluster.ClusterBusProvider}. Applications use
 * {@link dev.parley.Cluster}, and need nothing of this package. Open ClusterBus first.
 */
@NullMarked
package dev.parley.cluster;

import org.jspecify.annotations.NullMarked;
