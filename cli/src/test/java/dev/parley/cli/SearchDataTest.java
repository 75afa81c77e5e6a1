package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the data file of {@code parley app server}, which is checked again and again. */
@Timeout(60)
class SearchDataTest {
    private final List<String> warnings = new ArrayList<>();

    private void lookTwice(SearchData data) {
        data.reload(warnings::add);
        data.reload(warnings::add);
    }

    @Test
    void eachFailureIsToldOnce(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("data.json"), "{\"a\": \"1\"}");
        var data = SearchData.of(file);
        for (int round = 0; round < 2; round++) {
            Files.delete(file);
            lookTwice(data);
            Files.createSymbolicLink(file, file.getFileName());
            lookTwice(data);
            assertThat(warnings).hasSize(2).allMatch(line -> line.endsWith("; the last good one is kept"));
            assertThat(warnings.getFirst()).contains("there is no such file");
            assertThat(warnings.getLast()).contains("Too many levels of symbolic links");
            assertThat(data.find("a")).isNotNull();
            warnings.clear();
            Files.delete(file);
            Files.writeString(file, "{\"a\": 1" + " ".repeat(round));
            lookTwice(data);
            assertThat(warnings).singleElement().asString().contains("it is not one JSON value");
            warnings.clear();
            Files.writeString(file, "{\"a\": \"1\"}" + " ".repeat(round));
            lookTwice(data);
            assertThat(warnings).singleElement().asString().startsWith("read " + file + " again");
            warnings.clear();
        }
    }
}
