package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lists of parts of the packages. */
class PartsListTest {
    private static final String LIST = """
            {"metadata": {"component": {"bom-ref": "root"}},
             "components": [
              {"bom-ref": "a", "name": "a", "version": "1.0", "licenses": [{"license": {"id": "Apache-2.0"}}]},
              {"bom-ref": "b", "name": "b", "version": "2", "licenses": [
                {"license": {"name": "Bouncy Castle Licence", "url": "https://b.invalid"}}]}],
             "dependencies": [
              {"ref": "root", "dependsOn": ["a"]},
              {"ref": "a", "dependsOn": ["b"]},
              {"ref": "b", "dependsOn": []}]}""";

    @TempDir
    private Path directory;

    private String made(String kind) throws IOException {
        Path list = Files.writeString(directory.resolve("list.json"), LIST);
        Path jars = Files.createDirectories(directory.resolve("jars"));
        Path out = directory.resolve("out.json");
        PartsList.main(new String[] {kind, list.toString(), out.toString(), jars.toString()});
        return Files.readString(out).replaceAll("\\s+", "");
    }

    @Test
    void eachPartHasTheIdOfItsLicence() throws IOException {
        Path list = Files.writeString(directory.resolve("list.json"), LIST);
        PartsList.main(new String[] {"licenses", list.toString()});
        assertThat(Files.readString(list))
                .contains("\"MIT\"", "\"https://b.invalid\"")
                .doesNotContain("Bouncy");
    }

    @Test
    void aLicenceThatIsNotKnownIsAnError() throws IOException {
        Path list = Files.writeString(
                directory.resolve("list.json"), LIST.replace("Bouncy Castle Licence", "Ours, and secret"));
        assertThatThrownBy(() -> PartsList.main(new String[] {"licenses", list.toString()}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'Ours, and secret' of b");
        Files.writeString(list, LIST.replace("[{\"license\": {\"id\": \"Apache-2.0\"}}]", "[]"));
        assertThatThrownBy(() -> PartsList.main(new String[] {"licenses", list.toString()}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no licence for a");
    }

    @Test
    void aPackageListsTheJarsThatItHas() throws IOException {
        Files.createFile(Files.createDirectories(directory.resolve("jars")).resolve("a-1.0.jar"));
        assertThat(made("zip"))
                .contains("{\"ref\":\"root\",\"dependsOn\":[\"a\"]},{\"ref\":\"a\",\"dependsOn\":[]}")
                .doesNotContain("\"b\"", "openjdk");
    }

    @Test
    void anImageListsItsJavaRuntimeToo() throws IOException {
        String version = System.getProperty("java.runtime.version");
        assertThat(made("image"))
                .contains("\"name\":\"openjdk\",\"version\":\"" + version + "\"")
                .contains("{\"expression\":\"GPL-2.0-onlyWITHClasspath-exception-2.0\"}")
                .contains("{\"ref\":\"root\",\"dependsOn\":[\"pkg:generic/openjdk@");
    }
}
