package bench;

import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.stub.ServerCalls;
import java.net.InetSocketAddress;

/**
 * A unary call that sends its bytes back. One event loop over epoll, calls run on it (directExecutor), and no protobuf:
 * the fastest that a grpc-java server can be made on one core. args: port
 */
public final class GrpcServer {
    private GrpcServer() {}

    public static void main(String[] args) throws Exception {
        var group = new EpollEventLoopGroup(1);
        var call = ServerCalls.<byte[], byte[]>asyncUnaryCall((request, observer) -> {
            observer.onNext(request);
            observer.onCompleted();
        });
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])))
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(EpollServerSocketChannel.class)
                .withOption(ChannelOption.SO_BACKLOG, 4096)
                .maxConcurrentCallsPerConnection(1_000)
                .directExecutor()
                .addService(ServerServiceDefinition.builder(RawBytes.SERVICE)
                        .addMethod(RawBytes.CALL, call)
                        .build())
                .build()
                .start()
                .awaitTermination();
    }
}
