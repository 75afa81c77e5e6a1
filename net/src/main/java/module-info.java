/** Sockets for people: addresses, event loops and connections, on the JDK alone. */
@SuppressWarnings("module") // the modules that packages are exported to are built after this one
module dev.parley.net {
    requires static org.jspecify;

    exports dev.parley.net;
    exports dev.parley.net.transport;
    exports dev.parley.net.mem;
    exports dev.parley.net.time;
    exports dev.parley.net.systemd;
    exports dev.parley.net.nio to
            dev.parley.uring;
    // For the layers above. They may be on the class path, which a qualified export does not reach.
    exports dev.parley.net.host;
    exports dev.parley.net.text;

    uses dev.parley.net.transport.TransportProvider;
    uses dev.parley.net.transport.UnixDatagrams;
}
