/** Messages with a header and content, on the wire format of the socket tutorial, and their server and client. */
module dev.parley {
    requires transitive dev.parley.net;
    requires transitive tools.jackson.databind;
    requires static org.jspecify;

    exports dev.parley;
    exports dev.parley.frame;
}
