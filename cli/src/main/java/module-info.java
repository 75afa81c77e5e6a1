/** The {@code parley} command. */
module dev.parley.cli {
    requires dev.parley;
    requires dev.parley.net;
    requires info.picocli;
    requires java.compiler;
    requires java.logging;
    requires jdk.compiler;
    requires static org.jspecify;

    opens dev.parley.cli to
            info.picocli;

    uses dev.parley.cluster.ClusterBusProvider;
}
