/** The three iterations, each one short file that runs. */
module dev.parley.examples {
    requires dev.parley;
    requires static transitive org.jspecify;
}
