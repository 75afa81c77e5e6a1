package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Tests the examples of all help pages, as a reader copies them: each is accepted, as far as it needs no network. */
class HelpExamplesTest {
    private static final String EXAMPLE = "  parley ";

    /** The text after the command: the file or command that gets its output, or a remark for the reader. */
    private static final String FURTHER = " [|<>&] .*| {2}.*";

    /** A word of a shell: quoted, or without a character that some shell replaces by names of files. */
    private static final Pattern WORD = Pattern.compile("'([^']*)'|([^\\s'\"*?\\[$`;&<>|]+)");

    private static CommandLine commandLine(String... args) {
        var none = OutputStream.nullOutputStream();
        var commandLine = CommandTree.under(new Parley(new Io(InputStream.nullInputStream(), none, none, false)), args)
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
        Parley.programOptionsAreItsOwn(commandLine.getSubcommands().get("run"));
        return commandLine;
    }

    static Stream<String> examples() {
        return CommandOutputTest.everyCommand().stream().flatMap(words -> {
            CommandLine at = commandLine();
            for (String word : words) {
                at = Objects.requireNonNull(at.getSubcommands().get(word));
            }
            return Arrays.stream(at.getCommandSpec().usageMessage().footer())
                    .flatMap(String::lines)
                    .filter(line -> line.startsWith(EXAMPLE));
        });
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleIsAccepted(String line) throws Exception {
        String[] args = args(line.substring(EXAMPLE.length()).replaceFirst(FURTHER, ""));
        CommandLine.ParseResult parsed = commandLine(args).parseArgs(args);
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        for (CommandLine.Model.CommandSpec mixin : parsed.commandSpec().mixins().values()) {
            if (mixin.userObject() instanceof ServerOptions options) {
                assertThat(options.checkedAddress()).isNotNull();
            }
        }
        for (CommandLine.Model.ArgSpec argument : parsed.matchedPositionals()) {
            if (argument.paramLabel().equals("ADDRESS")) {
                argument.originalStringValues().forEach(Address::parse);
            }
        }
    }

    private static String[] args(String line) {
        var words = new ArrayList<String>();
        var matcher = WORD.matcher(line);
        int end = 0;
        while (matcher.find()) {
            assertThat(line.substring(end, matcher.start())).as(line).isBlank();
            words.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
            end = matcher.end();
        }
        assertThat(line.substring(end)).as(line).isBlank();
        return List.copyOf(words).toArray(String[]::new);
    }
}
