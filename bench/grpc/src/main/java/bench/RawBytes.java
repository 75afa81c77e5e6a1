package bench;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The call that server and load share: bytes as they are. */
final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
    static final String SERVICE = "bench.Echo";
    static final MethodDescriptor<byte[], byte[]> CALL = MethodDescriptor.newBuilder(new RawBytes(), new RawBytes())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(SERVICE + "/Call")
            .build();

    private RawBytes() {}

    @Override
    public InputStream stream(byte[] value) {
        return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
