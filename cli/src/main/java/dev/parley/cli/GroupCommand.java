package dev.parley.cli;

import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has subcommands. If no subcommand is given, it lists them in an error. */
abstract class GroupCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        CommandSpec here = Objects.requireNonNull(spec);
        String choices = here.subcommands().keySet().stream()
                .map(name -> here.qualifiedName() + " " + name)
                .collect(Collectors.joining(" or "));
        throw new ParameterException(here.commandLine(), "choose one: " + choices);
    }
}
