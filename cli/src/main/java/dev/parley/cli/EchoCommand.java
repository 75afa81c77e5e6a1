package dev.parley.cli;

import picocli.CommandLine.Command;

/** Iteration 1. */
@Command(
        name = "echo",
        description = "Iteration 1: one connection is one conversation; blocking streams, a virtual thread each.",
        footerHeading = "%nExample:%n",
        footer = {
            "  parley echo server          # in one terminal",
            "  parley echo client tcp://localhost:65432 hello",
            "",
            ExitCode.TEXT
        })
final class EchoCommand extends GroupCommand {}
