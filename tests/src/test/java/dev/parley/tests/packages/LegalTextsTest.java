package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The licences that the repository has for the packages. {@link PackagesTest} checks that the packages have them. */
class LegalTextsTest {
    private static final Path PACKAGING = MadePackages.CHECKOUT.resolve("packaging");

    /** The years in it change with its versions. */
    @Test
    void theLicenceOfBouncyCastleIsThatOfItsJar() throws IOException {
        assertThat(words(Files.readString(PACKAGING.resolve("legal/bcprov-lts8on/LICENSE"))))
                .isEqualTo(words(org.bouncycastle.LICENSE.licenseText));
    }

    private static List<String> words(String text) {
        return Stream.of(text.strip().split("\\s+", 0)).toList();
    }

    @Test
    void theCopyrightFileHasTheTextOfEachLicence() throws IOException {
        List<String> lines = Files.readAllLines(PACKAGING.resolve("debian/copyright"));
        for (String line : lines) {
            if (line.startsWith("License: ")) {
                for (String license : line.substring("License: ".length()).split(" and ", 0)) {
                    assertThat(textFollows(lines, license)).as(license).isTrue();
                }
            }
        }
    }

    private static boolean textFollows(List<String> lines, String license) {
        for (int at = 0; at < lines.size() - 1; at++) {
            if (lines.get(at).equals("License: " + license) && lines.get(at + 1).startsWith(" ")) {
                return true;
            }
        }
        return false;
    }
}
