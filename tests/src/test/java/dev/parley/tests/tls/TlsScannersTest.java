package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Promise T1: tests what scanners find at a server with the default settings. testssl.sh takes minutes, so it runs only
 * with {@code -Dparley.testssl=true}.
 */
@Timeout(900)
class TlsScannersTest {
    /** The findings about a certificate for tests: its issuer is itself, and revokes nothing. */
    private static final Set<String> OF_THE_CERTIFICATE = Set.of(
            "cert_chain_of_trust",
            "cert_trust",
            "cert_crlDistributionPoints",
            "cert_revocation",
            "cert_ocspURL",
            "OCSP_stapling",
            "DNS_CAArecord",
            "cert_keyUsage",
            "cert_extKeyUsage",
            "cert_eTLS");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private int serve() throws Exception {
        Tls tls = Tls.builder()
                .certificate(TestCertificates.certificate(), TestCertificates.key())
                .build();
        // A scanner breaks off many handshakes, of which the server warns.
        EventLoop loop = bed.keep(EventLoop.builder().tls(tls).start());
        Address address = loop.listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
        return ((Address.Inet) address).port();
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        return out;
    }

    @Test
    void sslscanFindsTls13Alone() throws Exception {
        assumeTrue(Usable.isInstalled("sslscan"), "sslscan is not installed");
        String found = run("sslscan", "--no-colour", "127.0.0.1:" + serve());
        for (String version : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")) {
            assertThat(found).containsPattern(version + " +disabled");
        }
        assertThat(found).containsPattern("TLSv1.3 +enabled").contains("Session renegotiation not supported");
        assertThat(found.lines().filter(line -> line.matches("(Preferred|Accepted) .*")))
                .isNotEmpty()
                .allMatch(line -> line.contains("TLSv1.3") && line.contains("TLS_"));
    }

    @Test
    void testsslFindsNothing(@TempDir Path directory) throws Exception {
        assumeTrue(Boolean.getBoolean("parley.testssl"), "it takes minutes: -Dparley.testssl=true");
        assumeTrue(Usable.isInstalled("testssl"), "testssl.sh is not installed");
        Path json = directory.resolve("found.json");
        run("testssl", "--quiet", "--color", "0", "--jsonfile", json.toString(), "127.0.0.1:" + serve());
        var findings = new ArrayList<String>();
        JsonNode all = JsonMapper.builder().build().readTree(Files.readString(json));
        assertThat(all.size()).as("what it looked at").isGreaterThan(50);
        for (JsonNode each : all) {
            String severity = each.path("severity").asString();
            boolean isFinding = Set.of("LOW", "MEDIUM", "HIGH", "CRITICAL").contains(severity);
            if (isFinding
                    && OF_THE_CERTIFICATE.stream().noneMatch(each.path("id").asString()::startsWith)) {
                findings.add(each.toString());
            }
        }
        assertThat(findings).isEmpty();
    }
}
