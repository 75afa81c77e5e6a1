package bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NegotiationType;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A closed-loop load for {@link GrpcServer}, where h2load is not installed. args: port connections depth bytes seconds.
 * Prints one line of JSON.
 */
public final class GrpcLoad {
    private static final LongAdder ANSWERED = new LongAdder();
    private static final LongAdder WRONG = new LongAdder();
    private static volatile boolean over;

    private GrpcLoad() {}

    public static void main(String[] args) throws Exception {
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        int depth = Integer.parseInt(args[2]);
        var payload = new byte[Integer.parseInt(args[3])];
        Arrays.fill(payload, (byte) 'a');
        var group = new EpollEventLoopGroup(1);
        var channels = new ArrayList<ManagedChannel>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            channels.add(NettyChannelBuilder.forAddress(address)
                    .eventLoopGroup(group)
                    .channelType(EpollSocketChannel.class)
                    .negotiationType(NegotiationType.PLAINTEXT)
                    .directExecutor()
                    .build());
        }
        long start = System.nanoTime();
        for (ManagedChannel channel : channels) {
            for (int i = 0; i < depth; i++) {
                call(channel, payload);
            }
        }
        var never = new CountDownLatch(1);
        never.await((long) (Double.parseDouble(args[4]) * 1_000), TimeUnit.MILLISECONDS);
        over = true;
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println("{\"requests\": " + ANSWERED.sum() + ", \"wrong\": " + WRONG.sum() + ", \"seconds\": "
                + seconds + "}");
        channels.forEach(ManagedChannel::shutdownNow);
        group.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS);
    }

    private static void call(Channel channel, byte[] payload) {
        ClientCalls.asyncUnaryCall(
                channel.newCall(RawBytes.CALL, CallOptions.DEFAULT), payload, new StreamObserver<byte[]>() {
                    @Override
                    public void onNext(byte[] answer) {
                        if (!Arrays.equals(answer, payload)) {
                            WRONG.increment();
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        if (!over) {
                            WRONG.increment();
                        }
                    }

                    @Override
                    public void onCompleted() {
                        ANSWERED.increment();
                        if (!over) {
                            call(channel, payload);
                        }
                    }
                });
    }
}
