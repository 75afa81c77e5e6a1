/** Sockets for people: addresses, event loops and connections, on the JDK alone. */
module dev.parley.net {
    requires static transitive org.jspecify;

    exports dev.parley.net;
    exports dev.parley.net.transport;
    exports dev.parley.net.mem;
}
