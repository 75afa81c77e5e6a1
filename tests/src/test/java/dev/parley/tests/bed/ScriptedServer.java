package dev.parley.tests.bed;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.testkit.RawPeer;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.function.Function;

/** A server that a script plays: it is the server's end of each connection, one connection after another. */
public final class ScriptedServer implements AutoCloseable {
    /** The server's part on one connection; the first one has the number 0. */
    public interface Script {
        void play(MessagePeer client, int connection) throws Exception;
    }

    private final ServerSocketChannel listening;

    private ScriptedServer(ServerSocketChannel listening) {
        this.listening = listening;
    }

    /** Starts a server that says by itself who it is; the script plays what comes after that. */
    public static ScriptedServer start(Script script) throws IOException {
        return start(MessagePeer::of, script);
    }

    /** Starts a server whose ends of connections are made by {@code end}. */
    public static ScriptedServer start(Function<RawPeer, MessagePeer> end, Script script) throws IOException {
        var server = new ScriptedServer(RawPeer.listen());
        Thread.startVirtualThread(() -> server.play(end, script));
        return server;
    }

    private void play(Function<RawPeer, MessagePeer> end, Script script) {
        for (int i = 0; ; i++) {
            try (MessagePeer client = end.apply(RawPeer.accept(listening))) {
                script.play(client, i);
            } catch (Exception | AssertionError over) {
                return;
            }
        }
    }

    public Address address() throws IOException {
        return RawPeer.addressOf(listening);
    }

    /** Returns the response to a request, with this status unless it is empty. */
    public static Message answer(Message request, String status) {
        Message answer = Message.json("{\"result\": \"Error: so it is\"}")
                .going(Direction.RESPONSE, request.header().id());
        return status.isEmpty() ? answer : answer.with(Header.STATUS, status);
    }

    /** Returns a control that goes to a client. */
    public static Message control(String name, long id) {
        return Message.binary("x", new byte[0]).going(Direction.RESPONSE, id).withProtocolKey(Header.CONTROL, name);
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
