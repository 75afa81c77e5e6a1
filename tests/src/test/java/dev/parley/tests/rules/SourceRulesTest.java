package dev.parley.tests.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks which package may import which, who may read a clock, and what a source file looks like. */
class SourceRulesTest {
    private static final int LINE_COLUMNS_MAX = 120;
    private static final int FILE_LINES_OF_CODE_MAX = 400;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption((Location location) -> !location.contains("/test-classes/"))
            .importPackages("dev.parley");

    private static void mayUse(String pkg, String... allowed) {
        classes()
                .that()
                .resideInAPackage(pkg)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        Stream.concat(Stream.of(pkg, "java..", "org.jspecify.annotations", ""), Stream.of(allowed))
                                .toArray(String[]::new))
                .check(CLASSES);
    }

    @Test
    void theTransportSeamKnowsTheJdkAlone() {
        mayUse("dev.parley.net.transport");
        mayUse("dev.parley.net.nio", "dev.parley.net.transport", "jdk.net");
        mayUse("dev.parley.net.mem", "dev.parley.net.transport");
        mayUse(
                "dev.parley.net",
                "dev.parley.net.accept",
                "dev.parley.net.core",
                "dev.parley.net.host",
                "dev.parley.net.mem",
                "dev.parley.net.nio",
                "dev.parley.net.proxy",
                "dev.parley.net.text",
                "dev.parley.net.time",
                "dev.parley.net.tls",
                "dev.parley.net.transport");
    }

    @Test
    void theCoreOfALoopKnowsNeitherConnectionsNorListeners() {
        mayUse("dev.parley.net.framing", "dev.parley.net");
        mayUse(
                "dev.parley.net.tls",
                "dev.parley.net.accept",
                "dev.parley.net.text",
                "dev.parley.net.time",
                "dev.parley.net.transport",
                "javax.crypto",
                "javax.crypto.spec",
                "javax.net.ssl",
                "javax.security.auth.x500");
        mayUse("dev.parley.net.proxy", "dev.parley.net.accept", "dev.parley.net.text", "dev.parley.net.transport");
        mayUse("dev.parley.net.accept", "dev.parley.net.text", "dev.parley.net.time", "dev.parley.net.transport");
        mayUse("dev.parley.net.time");
        mayUse("dev.parley.net.text");
        mayUse("dev.parley.net.host", "dev.parley.net.text");
        mayUse("dev.parley.net.systemd", "dev.parley.net", "dev.parley.net.nio", "dev.parley.net.transport");
        mayUse("dev.parley.net.core", "dev.parley.net.time", "dev.parley.net.text", "dev.parley.net.transport");
    }

    @Test
    void framesKnowNeitherSocketsNorHandlers() {
        mayUse("dev.parley.json");
        mayUse("dev.parley.names");
        mayUse("dev.parley.memory");
        mayUse("dev.parley.frame", "dev.parley.json", "dev.parley.names", "dev.parley.memory");
    }

    @Test
    void serverAndClientDoNotSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage("dev.parley.server")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.parley.client")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("dev.parley.client")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.parley.server")
                .check(CLASSES);
    }

    /** The package {@code dev.parley} is left out: it is what users see of the packages that implement it. */
    @Test
    void packagesFormNoCircle() {
        var eachButTheFace = new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                String name = type.getPackageName();
                return name.equals("dev.parley") ? SliceIdentifier.ignore() : SliceIdentifier.of(name);
            }

            @Override
            public String getDescription() {
                return "each package but dev.parley";
            }
        };
        SlicesRuleDefinition.slices()
                .assignedFrom(eachButTheFace)
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void nothingAboveTheTransportTouchesAChannel() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.parley.net.nio", "dev.parley.testkit")
                .and()
                .haveNameNotMatching( // they ask for its words
                        "dev\\.parley\\.(net\\.(SystemMessages|BrokenWrite)|cli\\.BrokenPipe).*")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.nio\\.channels\\.(?!FileChannel).*(Channel|Selector|SelectionKey)")
                .check(CLASSES);
    }

    @Test
    void onlyTheTickerReadsTheClock() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.parley.net..",
                        "dev.parley",
                        "dev.parley.frame",
                        "dev.parley.server..",
                        "dev.parley.client..")
                .and()
                .doNotHaveFullyQualifiedName("dev.parley.net.time.Ticker")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(CLASSES);
    }

    /** Users see few types. What only the layers above need is in other packages, whose descriptions say so. */
    @Test
    void fewTypesArePublic() {
        assertThat(publicTypesOf("dev.parley.net")).hasSizeLessThanOrEqualTo(22);
        assertThat(publicTypesOf("dev.parley.frame")).hasSizeLessThanOrEqualTo(7);
    }

    private static List<String> publicTypesOf(String pkg) {
        return CLASSES.stream()
                .filter(type -> type.getPackageName().equals(pkg) && !type.isNestedClass())
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName)
                .filter(name -> !name.equals("package-info"))
                .sorted()
                .toList();
    }

    /** Types that all depend on each other can only be understood together. */
    @Test
    void circlesOfTypesAreSmall() {
        var circles = new TypeCircles(CLASSES);
        assertThat(circles.largestOf("dev.parley.net")).hasSizeLessThanOrEqualTo(11);
        assertThat(circles.largestOf("dev.parley.server")).hasSizeLessThanOrEqualTo(4);
        assertThat(circles.largestOf("dev.parley.client")).hasSizeLessThanOrEqualTo(3);
        assertThat(circles.largestOf("dev.parley.uring")).hasSizeLessThanOrEqualTo(4);
        assertThat(circles.largestOf("dev.parley.testkit")).hasSizeLessThanOrEqualTo(4);
        assertThat(circles.all()).allSatisfy(circle -> assertThat(circle).hasSizeLessThanOrEqualTo(11));
    }

    @Test
    void sourcesAreTidy() throws IOException {
        var leftover =
                Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b|printStackTrace\\(\\)|Thread\\.sl" + "eep\\(");
        for (Path source : SourceFiles.endingWith(".java")) {
            List<String> lines = Files.readAllLines(source);
            assertThat(lines).as("%s", source).noneMatch(line -> leftover.matcher(line)
                    .find());
            assertThat(lines.stream().filter(SourceRulesTest::isCode).count())
                    .as("lines of code in %s", source)
                    .isLessThanOrEqualTo(FILE_LINES_OF_CODE_MAX);
            assertThat(lines)
                    .as("%s", source)
                    .allMatch(line ->
                            line.length() <= LINE_COLUMNS_MAX || line.contains("\"") || line.startsWith("import"));
        }
    }

    /** The formatter begins each line of a comment with a slash or an asterisk. */
    private static boolean isCode(String line) {
        String text = line.strip();
        return !text.isEmpty() && !text.startsWith("/") && !text.startsWith("*");
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        for (Path source : SourceFiles.endingWith(".java")) {
            boolean main = source.toString().contains("/src/main/java/") && !source.endsWith("module-info.java");
            if (main) {
                assertThat(source.resolveSibling("package-info.java")).exists();
            }
        }
    }
}
