package bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.function.Supplier;

/** One event loop of Netty's, over epoll or io_uring. */
final class NettyServer {
    private static final short GROUP = 0;
    private static final short RING_BUFFERS = 1_024;
    private static final int RING_BATCH = 64;
    private static final int BUFFER_BYTES = 16 * 1_024;

    private NettyServer() {}

    /** Listens until the process ends; each connection gets a handler of the supplier's. */
    static void serve(String port, String transport, Supplier<ChannelHandler> handlers) throws InterruptedException {
        switch (transport) {
            case "epoll" -> serve(port, handlers, EpollIoHandler.newFactory(), EpollServerSocketChannel.class, false);
            case "io_uring" -> serve(port, handlers, uring(false), IoUringServerSocketChannel.class, false);
            case "io_uring_br" -> serve(port, handlers, uring(true), IoUringServerSocketChannel.class, true);
            default -> throw new IllegalArgumentException(transport);
        }
    }

    private static IoHandlerFactory uring(boolean ring) {
        var config = new IoUringIoHandlerConfig().setSingleIssuer(true);
        if (ring) {
            config.setBufferRingConfig(IoUringBufferRingConfig.builder()
                    .bufferGroupId(GROUP)
                    .bufferRingSize(RING_BUFFERS)
                    .batchSize(RING_BATCH)
                    .allocator(new IoUringFixedBufferRingAllocator(BUFFER_BYTES))
                    .build());
        }
        return IoUringIoHandler.newFactory(config);
    }

    private static void serve(
            String port,
            Supplier<ChannelHandler> handlers,
            IoHandlerFactory io,
            Class<? extends ServerChannel> type,
            boolean ring)
            throws InterruptedException {
        var bootstrap = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, io))
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handlers.get());
                    }
                });
        if (ring) {
            bootstrap.childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, GROUP);
        }
        bootstrap.bind("127.0.0.1", Integer.parseInt(port)).sync();
    }
}
