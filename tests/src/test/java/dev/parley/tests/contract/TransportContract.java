package dev.parley.tests.contract;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A part of the contract of every transport, through either face: the promises on which all layers above it rely. Each
 * subclass runs over every {@link Wire} with every {@link Face}.
 */
@ParameterizedClass(name = "{0} {1}")
@MethodSource("everyWireAndFace")
@Timeout(300)
abstract class TransportContract {
    static final int MIB = 1024 * 1024;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    final Census census = bed.census();
    final ManualTicker ticker = bed.ticker();
    final Wire wire;
    final Face face;
    Limits limits = Limits.DEFAULT;
    Face.@Nullable Accepting listening;

    @Nullable
    EventLoop serverLoop;

    private final MemNetwork network = new MemNetwork();
    private boolean manualTime;

    TransportContract(Wire wire, Face face) {
        this.wire = wire;
        this.face = face;
    }

    static Stream<Arguments> everyWireAndFace() {
        return Wire.wanted().flatMap(wire -> Arrays.stream(Face.values()).map(face -> Arguments.of(wire, face)));
    }

    final EventLoop newLoop() {
        EventLoop.Builder settings = wire.settings(network).limits(limits);
        return bed.newLoop(manualTime ? settings.ticker(ticker) : settings);
    }

    final Face.Accepting listen() throws IOException {
        serverLoop = newLoop();
        return listen(serverLoop, wire.free());
    }

    final Face.Accepting listen(EventLoop loop, Address address) throws IOException {
        var opened = bed.keep(face.listen(loop, address));
        listening = opened;
        return opened;
    }

    Face.Accepting listening() throws IOException {
        return listening == null ? listen() : listening;
    }

    /** The two ends of one connection. */
    record Pair(TestPeer client, TestPeer server) {}

    Pair pair() throws Exception {
        return pair(newLoop());
    }

    Pair pair(EventLoop clientLoop) throws Exception {
        Face.Accepting accepting = listening();
        TestPeer client = face.connect(clientLoop, accepting.address());
        return new Pair(client, accepting.accept());
    }

    Pair pairInManualTime() throws Exception {
        manualTime = true;
        return pair();
    }

    static byte[] random(int count, long seed) {
        var bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
