package dev.parley.examples.programs;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A TCP proxy: each connection goes on to another address. A slow side holds back the other, each direction ends by
 * itself, and a reset is passed on as a reset.
 */
public final class TcpProxy {
    private TcpProxy() {}

    /** One side of a proxied connection. It sends what comes to the other side. */
    private static class Side implements Receiver {
        LoopConnection other;

        Side(LoopConnection other) {
            this.other = other;
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            if (!other.send(bytes)) {
                connection.pauseReading(); // until the other side has taken what is queued
            }
        }

        @Override
        public void writable(LoopConnection connection) {
            other.resumeReading();
        }

        @Override
        public void ended(LoopConnection connection) {
            other.shutdownOutput();
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            if (reason == CloseReason.PEER || reason == CloseReason.LOCAL) {
                other.close();
            } else {
                other.reset();
            }
        }
    }

    /** Listens, and passes each connection on. */
    static LoopListener listen(EventLoop loop, Address address, Address target) throws IOException {
        return loop.listen(address, client -> new Side(client) {
            @Override
            public void opened(LoopConnection same) {
                // not in the function above: it also runs for clients that are then turned away
                other = loop.connect(target, new Side(client));
            }
        });
    }

    /** The arguments: where to listen, and where the connections go. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("usage: TcpProxy.java ADDRESS TARGET");
            return;
        }
        try (var loop = EventLoop.start()) {
            System.out.println("listening on "
                    + listen(loop, Address.parse(args[0]), Address.parse(args[1]))
                            .address());
            loop.join();
        }
    }
}
