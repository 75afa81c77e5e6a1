package dev.parley.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests when the end of a certificate is reported, by a clock that the test sets. */
class ExpiryWarningsTest {
    /** The time when the lives of both certificates begin. */
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private static final String OF_90_DAYS = """
            -----BEGIN CERTIFICATE-----
            MIIBUDCB96ADAgECAgh2r9DfQ66wNzAKBggqhkjOPQQDAzASMRAwDgYDVQQDEwdz
            aG9ydDkwMB4XDTI2MDEwMTAwMDAwMFoXDTI2MDQwMTAwMDAwMFowEjEQMA4GA1UE
            AxMHc2hvcnQ5MDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBDyDlqClmlRwDU0
            A5egQFsBLnBQqHV8zDhSWKYLMIt00vM2gy22/IIH1KH8pQPVkRZbanLdWbHTKDnR
            a4T6EDOjNzA1MB0GA1UdDgQWBBQiqEmZjy+cTORghOVc7Es5lL2F3DAUBgNVHREE
            DTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwMDSAAwRQIhAORLoVt5yj5Y+EFRzccT
            NWRVJbVJh1To8E5vws5q1/KwAiAIjioq4Fs5iZl/Bm4o33xuMDWwvC2hg/JVRNHq
            82YDVQ==
            -----END CERTIFICATE-----
            """;

    private static final String OF_A_DAY = """
            -----BEGIN CERTIFICATE-----
            MIIBTzCB9aADAgECAggaoF/zXwrguDAKBggqhkjOPQQDAzARMQ8wDQYDVQQDEwZz
            aG9ydDEwHhcNMjYwMTAxMDAwMDAwWhcNMjYwMTAyMDAwMDAwWjARMQ8wDQYDVQQD
            EwZzaG9ydDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASdYsrJmJYW6rjVEnPE
            tQ/XI1cFujQAqKORID4QmcAW3PmlB8eMvRIcUO+8LcaBBtmmv/tueZwIMmEcaOii
            V3ZdozcwNTAdBgNVHQ4EFgQUzH59B/+0sp8HSi2Spn43F0TqBKAwFAYDVR0RBA0w
            C4IJbG9jYWxob3N0MAoGCCqGSM49BAMDA0kAMEYCIQCXZJRIg9w8+p6ebdcH+BUa
            fjRTIoITwfAhRrunxmFOdgIhAIyTBIjAw/RMFtK7T89/o8bLMTTeHHT/wM00F6ju
            vI0t
            -----END CERTIFICATE-----
            """;

    private final List<String> warnings = new ArrayList<>();
    private Instant now = BEGIN;
    private final ExpiryWarnings expiry = new ExpiryWarnings(new InstantSource() {
        @Override
        public Instant instant() {
            return now;
        }
    });

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Looks once an hour until the certificate is over, and returns after how many hours of its life it has warned. */
    private List<Long> hoursOfWarnings(String pem, Duration until) throws Exception {
        var hours = new ArrayList<Long>();
        X509Certificate certificate = certificate(pem);
        for (now = BEGIN; now.isBefore(BEGIN.plus(until)); now = now.plus(Duration.ofHours(1))) {
            expiry.warn(List.of(certificate), List.of(), List.of(), warning -> {
                warnings.add(warning);
                hours.add(Duration.between(BEGIN, now).toHours());
            });
        }
        return hours;
    }

    @Test
    void eachThresholdWarnsOnce() throws Exception {
        assertThat(hoursOfWarnings(OF_90_DAYS, Duration.ofDays(92)))
                .containsExactly(60 * 24L, 83 * 24L, 89 * 24L, 90 * 24L);
        assertThat(warnings.getFirst())
                .startsWith("the certificate CN=short90")
                .endsWith("ends on 2026-04-01 00:00 UTC, in 30 days: renew it");
    }

    /** Both are replaced by other means than our own certificate, and an authority counts once. */
    @Test
    void theEndOfAnIssuerAndOfAnAuthoritySaysWhatItMeans() throws Exception {
        X509Certificate certificate = certificate(OF_90_DAYS);
        now = BEGIN.plus(Duration.ofDays(61));
        expiry.warn(List.of(), List.of(certificate), List.of(certificate), warnings::add);
        now = BEGIN.plus(Duration.ofDays(91));
        expiry.warn(List.of(), List.of(), List.of(certificate), warnings::add);
        assertThat(warnings)
                .containsExactly(
                        "the issuer's certificate in our chain, CN=short90, ends on 2026-04-01 00:00 UTC, in 29 days:"
                                + " get a new chain",
                        "the authority that this side trusts, CN=short90, has expired on 2026-04-01 00:00 UTC: replace"
                                + " it; peers with its certificates are refused");
    }

    /** Such a certificate is renewed every few hours, and would warn each time. */
    @Test
    void aShortLifeDoesNotWarnFromItsBeginning() throws Exception {
        assertThat(hoursOfWarnings(OF_A_DAY, Duration.ofDays(2))).containsExactly(24L);
        assertThat(warnings).singleElement().asString().contains("ends on 2026-01-02 00:00 UTC");
    }
}
