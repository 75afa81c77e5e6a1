package dev.parley.tests.commands;

import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.program.Project;
import dev.parley.cli.program.ProjectName;
import java.nio.file.Path;

/** A process that makes a project in a directory, and tells what keeps it from that. */
final class ProjectMaker {
    private ProjectMaker() {}

    /** Makes it in the directory that is the argument; status 1 where that cannot be. */
    public static void main(String[] args) throws Exception {
        try {
            new Project(ProjectName.of("hello"), Project.Kind.RPC).makeIn(Path.of(args[0]));
        } catch (FileFailedException e) {
            System.out.println(e.getMessage());
            System.exit(1);
        }
    }
}
