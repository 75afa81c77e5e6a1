package dev.parley.tests.streams;

import dev.parley.Action;
import dev.parley.Server;
import dev.parley.Topic;
import dev.parley.net.EventLoop;
import dev.parley.net.Transports;

/**
 * A server with a topic in a process of its own: {@code TRANSPORT ADDRESS}. Its clients say when to publish, and ask
 * for figures.
 */
final class TopicServer {
    record Watch(String what) {}

    record Tick(int number, String padding) {}

    record Publish(int count) {}

    /** The numbers of the server; the bytes are those in use when everything else was collected. */
    record Standing(int subscribers, long published, long delivered, long dropped, long usedBytes) {}

    static final Action<Watch, Tick> WATCH = Action.of("watch", Watch.class, Tick.class);
    static final Action<Publish, Standing> PUBLISH = Action.of("publish", Publish.class, Standing.class);
    static final Action<Watch, Standing> CLOSE = Action.of("close", Watch.class, Standing.class);

    /** The length of the queue: two rounds of the test fit in, so that only a subscriber that does not read is slow. */
    static final int QUEUE = 100;

    private static final String PADDING = "x".repeat(500);

    private final Topic<Tick> topic = new Topic<>(QUEUE, Topic.Policy.DROP_OLDEST);
    private int number;

    private TopicServer() {}

    public static void main(String[] args) throws Exception {
        var topics = new TopicServer();
        try (Server server = Server.builder()
                .loop(EventLoop.builder().transport(Transports.named(args[0])))
                .onLoopStream(WATCH, (watch, exchange) -> topics.topic)
                .on(PUBLISH, topics::publish)
                .on(CLOSE, watch -> topics.close())
                .listen(args[1])) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }

    private synchronized Standing publish(Publish asked) {
        for (int i = 0; i < asked.count(); i++) {
            topic.publish(new Tick(++number, PADDING));
        }
        return standing();
    }

    private Standing close() {
        topic.close();
        return standing();
    }

    private Standing standing() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new Standing(
                topic.subscribers(),
                topic.published(),
                topic.delivered(),
                topic.dropped(),
                runtime.totalMemory() - runtime.freeMemory());
    }
}
