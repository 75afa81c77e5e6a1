package dev.parley.cli;

import picocli.CommandLine.Command;

/** The command {@code parley multi}: iteration 2 of the tutorial. */
@Command(
        name = "multi",
        description = "Iteration 2: many connections at once, on one event loop, without blocking.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley multi server          # in one terminal",
            "  parley multi client tcp://localhost:65432 --connections 100",
            "",
            ExitCode.TEXT
        })
final class MultiCommand extends GroupCommand {}
