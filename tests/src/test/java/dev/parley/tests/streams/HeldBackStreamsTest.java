package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests what a client holds back: streams to a server that does not read, and the rest of content that cannot be read.
 */
@Timeout(120)
class HeldBackStreamsTest {
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final int STREAMS = 80;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    @Test
    void streamsWaitWhileTheServerDoesNotRead() throws Exception {
        var reads = new CountDownLatch(1);
        Address address = bed.keep(ScriptedServer.start((peer, connection) -> {
                    peer.send(ScriptedServer.answer(peer.receive(), ""));
                    reads.await();
                    for (int i = 0; i < STREAMS; i++) {
                        peer.send(ScriptedServer.answer(peer.receiveAnswer(), ""));
                    }
                    peer.raw.receiveToEndOrReset();
                }))
                .address();
        Client client = bed.client(address);
        client.call("x", Message.text("x"));
        var streams = new ArrayList<InStream<Message>>();
        Message question = Message.binary("x", new byte[1024 * 1024]);
        for (int i = 0; i < STREAMS; i++) {
            streams.add(client.stream(STREAM, question));
        }
        var passed = new CompletableFuture<Void>();
        bed.loop().execute(() -> passed.complete(null)); // behind the streams
        passed.get(60, TimeUnit.SECONDS);
        assertThat(bed.census().closedByReason()).isEmpty();
        reads.countDown();
        for (InStream<Message> stream : streams) {
            assertThat(stream.receive()).isNotNull();
            stream.close();
        }
        client.close();
    }

    @Test
    void whatWasReadBeforeTheContentFailedIsNotSent() throws Exception {
        var got = new CompletableFuture<Object>();
        var running = new CountDownLatch(1);
        Server server = bed.listen(bed.server().onUpload(STREAM, in -> {
            running.countDown();
            try {
                got.complete(in.bytes().read());
            } catch (IOException failure) {
                got.complete(failure);
            }
            return Message.text("x");
        }));
        Client client = bed.client(server.address());
        InputStream content = new InputStream() {
            private int left = 10;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    Await.until("the handler runs", () -> running.getCount() == 0);
                    throw new IOException("the disk's own");
                }
                left--;
                return 'x';
            }

            @Override
            public int read(byte[] to, int start, int length) throws IOException {
                to[start] = (byte) read();
                return 1;
            }
        };
        assertThatThrownBy(() -> client.upload(STREAM, content)).hasMessage("the disk's own");
        assertThat(got.get(60, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    }
}
