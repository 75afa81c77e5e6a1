package dev.parley.cli;

import picocli.CommandLine.Command;

/** The command {@code parley app}: iteration 3 of the tutorial. */
@Command(
        name = "app",
        description = "Iteration 3: an application with its own header and content.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley app server          # in one terminal",
            "  parley app client tcp://localhost:65432 search morpheus",
            "",
            ExitCode.TEXT
        })
final class AppCommand extends GroupCommand {}
