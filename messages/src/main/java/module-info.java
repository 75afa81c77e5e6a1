/** Messages with a header and content, on the wire format of the socket tutorial, and their server and client. */
@SuppressWarnings("module") // the modules to which packages are exported are built after this one
module dev.parley {
    requires transitive dev.parley.net;
    requires transitive tools.jackson.databind;
    requires static org.jspecify;

    exports dev.parley;
    exports dev.parley.cluster;
    exports dev.parley.frame;
    exports dev.parley.json to
            dev.parley.cli,
            dev.parley.testkit;
    exports dev.parley.names to
            dev.parley.cli;

    uses dev.parley.cluster.ClusterBusProvider;
}
