package dev.parley.cli.cert;

import dev.parley.cli.files.FileFailedException;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.ChainCheck;
import dev.parley.net.tls.Tls;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A chain of certificates to explain.
 *
 * @param certificates in the order of the file, or as the server has sent them; at least one
 * @param host the host that the first one should be for; null if it is not known
 */
public record ShownChain(
        List<X509Certificate> certificates, @Nullable String host) {
    /**
     * {@return the chain in a file}
     *
     * @throws IOException if the file cannot be read or holds no certificate; the message names it
     */
    public static ShownChain ofFile(Path file) throws IOException {
        try {
            return new ShownChain(ChainCheck.read(file), null);
        } catch (IOException e) {
            throw new FileFailedException(e);
        }
    }

    /**
     * {@return the chain that a server shows} It is only looked at: nothing is sent to the server. So TLS 1.2 is always
     * allowed.
     *
     * @param serverName the name to ask for, if it is not the host of the address
     * @throws IOException if the server cannot be reached, or does not speak TLS
     */
    public static ShownChain ofServer(Address address, @Nullable String serverName)
            throws IOException, InterruptedException {
        var seen = new CompletableFuture<List<X509Certificate>>();
        Tls.Builder settings = Tls.builder().context(acceptingAll(seen)).allowTls12();
        if (serverName != null) {
            settings.serverName(serverName);
        }
        try (EventLoop loop =
                EventLoop.builder().tls(settings.build()).daemon(true).start()) {
            loop.connect(address, new Looking(seen));
            String host = address instanceof Address.Inet inet ? inet.host() : null;
            return new ShownChain(seen.get(), serverName == null ? host : serverName);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ConnectFailedException failed) {
                throw failed.copy();
            }
            throw new IOException(e.getCause());
        }
    }

    /** Closes the connection as soon as it is open. */
    private record Looking(CompletableFuture<List<X509Certificate>> seen) implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            connection.close();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void closed(LoopConnection connection, CloseReason reason) {
            Throwable cause = connection.closeCause();
            seen.completeExceptionally(cause == null ? new IOException(connection.closeText()) : cause);
        }
    }

    private static SSLContext acceptingAll(CompletableFuture<List<X509Certificate>> seen) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Accepting(seen)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Accepts every certificate, since this only looks at it. */
    private static final class Accepting extends X509ExtendedTrustManager {
        private final CompletableFuture<List<X509Certificate>> seen;

        Accepting(CompletableFuture<List<X509Certificate>> seen) {
            this.seen = seen;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            seen.complete(List.of(chain));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            seen.complete(List.of(chain));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            seen.complete(List.of(chain));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this only connects");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this only connects");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("this only connects");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
