package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Tests which subcommands are built for which arguments. */
class CommandTreeTest {
    private static CommandLine under(String... args) {
        var none = OutputStream.nullOutputStream();
        return CommandTree.under(new Parley(new Io(InputStream.nullInputStream(), none, none, false)), args);
    }

    /** Returns the commands that were built, each with the words that lead to it. */
    private static List<String> built(String... args) {
        var names = new ArrayList<String>();
        addBelow(under(args), names);
        return names;
    }

    private static void addBelow(CommandLine at, List<String> names) {
        for (CommandLine sub : at.getSubcommands().values()) {
            names.add(sub.getCommandSpec().qualifiedName());
            addBelow(sub, names);
        }
    }

    @Test
    void aCommandThatIsNamedIsBuiltAloneAndAllWhereNoneIs() {
        assertThat(built("multi", "server", "x")).containsExactly("parley multi", "parley multi server");
        assertThat(built("multi", "--help"))
                .containsExactly("parley multi", "parley multi server", "parley multi client");
        assertThat(built()).contains("parley tour", "parley multi client", "parley app server", "parley wait");
        for (String first : List.of("help", "-v", "mutli", "")) {
            assertThat(built(first, "multi")).isEqualTo(built());
        }
    }

    @Test
    void everyCommandIsCalledAsItCallsItself() {
        assertNames(under());
    }

    private static void assertNames(CommandLine at) {
        at.getSubcommands().forEach((name, sub) -> {
            assertThat(sub.getCommandName()).isEqualTo(name);
            assertNames(sub);
        });
    }
}
