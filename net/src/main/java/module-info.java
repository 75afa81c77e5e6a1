/** Sockets for people: addresses, event loops and connections, on the JDK alone. */
@SuppressWarnings("module") // the one that nio is exported to is built after this one
module dev.parley.net {
    requires static org.jspecify;

    exports dev.parley.net;
    exports dev.parley.net.transport;
    exports dev.parley.net.mem;
    exports dev.parley.net.nio to
            dev.parley.uring;

    uses dev.parley.net.transport.TransportProvider;
    uses dev.parley.net.transport.UnixDatagrams;
}
