package dev.parley.tests.contract;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.LoopListener;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The ways in which a program holds its connections: on the loop, or as blocking streams. */
enum Face {
    LOOP {
        @Override
        Accepting listen(EventLoop loop, Address address) throws IOException {
            BlockingQueue<LoopPeer> accepted = new LinkedBlockingQueue<>();
            LoopListener listener = loop.listen(address, new NewPeerEach(accepted));
            return new Accepting() {
                @Override
                public Address address() {
                    return listener.address();
                }

                @Override
                public TestPeer accept() throws InterruptedException {
                    LoopPeer peer = accepted.poll(60, TimeUnit.SECONDS);
                    if (peer == null) {
                        throw new AssertionError("no client connected");
                    }
                    return peer;
                }

                @Override
                public void close() {
                    listener.close();
                }
            };
        }

        @Override
        TestPeer connect(EventLoop loop, Address address) throws IOException {
            var peer = new LoopPeer();
            loop.connect(address, peer);
            return peer.awaitOpened();
        }
    },
    STREAMS {
        @Override
        Accepting listen(EventLoop loop, Address address) throws IOException {
            Listener listener = Listener.open(loop, address);
            return new Accepting() {
                @Override
                public Address address() {
                    return listener.address();
                }

                @Override
                public TestPeer accept() throws IOException, InterruptedException {
                    return new StreamPeer(listener.accept());
                }

                @Override
                public void close() {
                    listener.close();
                }
            };
        }

        @Override
        TestPeer connect(EventLoop loop, Address address) throws IOException {
            return new StreamPeer(Connection.connect(loop, address));
        }
    };

    /** A listening address of either face. */
    interface Accepting extends AutoCloseable {
        Address address();

        TestPeer accept() throws IOException, InterruptedException;

        @Override
        void close();
    }

    abstract Accepting listen(EventLoop loop, Address address) throws IOException;

    abstract TestPeer connect(EventLoop loop, Address address) throws IOException;
}
