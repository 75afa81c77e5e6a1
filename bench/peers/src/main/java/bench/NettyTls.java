package bench;

import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.security.SecureRandom;
import java.util.List;
import javax.net.ssl.SSLException;

/** Netty's TLS by the JDK's engine or by BoringSSL: TLS 1.3 with the suite that is compared, and session tickets. */
final class NettyTls {
    private NettyTls() {}

    static SslContext context(String engine, String certificate, String key) throws SSLException {
        boolean openssl =
                switch (engine) {
                    case "jdk" -> false;
                    case "openssl" -> true;
                    default -> throw new IllegalArgumentException(engine);
                };
        SslContextBuilder builder = SslContextBuilder.forServer(new File(certificate), new File(key))
                .sslProvider(openssl ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3")
                .ciphers(List.of("TLS_AES_128_GCM_SHA256"));
        if (openssl) {
            builder.option(OpenSslContextOption.GROUPS, new String[] {"X25519", "P-256"});
        }
        SslContext context = builder.build();
        if (openssl) {
            // Without a key of the user's own there are no tickets.
            ((OpenSslServerSessionContext) context.sessionContext()).setTicketKeys(ticketKey());
        }
        return context;
    }

    private static OpenSslSessionTicketKey ticketKey() {
        return new OpenSslSessionTicketKey(
                random(OpenSslSessionTicketKey.NAME_SIZE),
                random(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                random(OpenSslSessionTicketKey.AES_KEY_SIZE));
    }

    private static byte[] random(int length) {
        var bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
