/** Client-server connections over sockets: addresses, event loops, listeners and connections. It needs only the JDK. */
@SuppressWarnings("module") // the modules that packages are exported to are built after this one
module dev.parley.net {
    requires static org.jspecify;
    requires jdk.net;

    exports dev.parley.net;
    exports dev.parley.net.framing;
    exports dev.parley.net.transport;
    exports dev.parley.net.mem;
    exports dev.parley.net.proxy;
    exports dev.parley.net.time;
    exports dev.parley.net.tls;
    exports dev.parley.net.systemd;
    exports dev.parley.net.nio to
            dev.parley.uring;
    // Used by the layers above, which are not named here: a qualified export does not reach the class path.
    exports dev.parley.net.host;
    exports dev.parley.net.text;

    uses dev.parley.net.transport.TransportProvider;
    uses dev.parley.net.transport.ThreadPriorities;
    uses dev.parley.net.transport.UnixDatagrams;
}
