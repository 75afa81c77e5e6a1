/** A transport over Linux's io_uring, written in Java only. */
module dev.parley.uring {
    requires static org.jspecify;
    requires transitive dev.parley.net;

    exports dev.parley.uring;

    provides dev.parley.net.transport.TransportProvider with
            dev.parley.uring.UringProvider;
    provides dev.parley.net.transport.ThreadPriorities with
            dev.parley.uring.LinuxThreadPriorities;
    provides dev.parley.net.transport.UnixDatagrams with
            dev.parley.uring.LinuxDatagrams;
}
