package dev.parley.cli;

import dev.parley.cli.manual.ManualPage;
import dev.parley.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/** Writes a manual page for each command. The build of the packages runs this program. */
final class Manual {
    private Manual() {}

    /** Writes the pages into the directory {@code args[0]}, with the date {@code args[1]}. */
    public static void main(String[] args) throws IOException {
        var terminal = Terminal.plain(false);
        var io = new Io(InputStream.nullInputStream(), OutputStream.nullOutputStream(), System.err, terminal, terminal);
        write(CommandTree.under(new Parley(io)), Path.of(args[0]), args[1]);
    }

    private static void write(CommandLine command, Path directory, String date) throws IOException {
        if (command.getCommandSpec().usageMessage().hidden()) {
            return;
        }
        var page = new ManualPage(command, Version.number(), date);
        Files.writeString(directory.resolve(page.fileName()), page.text());
        for (CommandLine sub : command.getSubcommands().values()) {
            write(sub, directory, date);
        }
    }
}
