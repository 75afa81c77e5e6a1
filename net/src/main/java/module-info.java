/** Sockets for people: addresses, event loops and connections, on the JDK alone. */
@SuppressWarnings("module") // those that packages are exported to are built after this one
module dev.parley.net {
    requires static org.jspecify;

    exports dev.parley.net;
    exports dev.parley.net.transport;
    exports dev.parley.net.mem;
    exports dev.parley.net.time;
    exports dev.parley.net.systemd;
    exports dev.parley.net.nio to
            dev.parley.uring;
    exports dev.parley
            .net
            .host; // for the layers above, which may be on the class path: a qualified export would not do
    exports dev.parley
            .net
            .text; // for the layers above, which may be on the class path: a qualified export would not do

    uses dev.parley.net.transport.TransportProvider;
    uses dev.parley.net.transport.UnixDatagrams;
}
