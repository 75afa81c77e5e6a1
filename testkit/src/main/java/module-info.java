/** Tools for tests of socket applications: manual time, raw peers, bad networks, a census of what is left behind. */
module dev.parley.testkit {
    requires transitive dev.parley.net;
    requires static org.jspecify;
    requires static transitive org.junit.jupiter.api;

    exports dev.parley.testkit;
}
