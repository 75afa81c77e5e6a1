/** Clusters of servers over a NATS broker. */
module dev.parley.nats {
    requires static org.jspecify;
    requires transitive dev.parley;
    requires io.nats.jnats;

    exports dev.parley.nats;

    provides dev.parley.cluster.ClusterBusProvider with
            dev.parley.nats.NatsBusProvider;
}
