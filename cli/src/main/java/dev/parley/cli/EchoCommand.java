package dev.parley.cli;

import picocli.CommandLine.Command;

/** The command {@code parley echo}: iteration 1 of the tutorial. */
@Command(
        name = "echo",
        description = "Iteration 1: blocking streams, and a virtual thread for each connection.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley echo server          # in one terminal",
            "  parley echo client tcp://localhost:65432 hello",
            "",
            ExitCode.TEXT
        })
final class EchoCommand extends GroupCommand {}
