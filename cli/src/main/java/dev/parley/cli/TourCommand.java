package dev.parley.cli;

import dev.parley.cli.tour.SequenceDiagram;
import dev.parley.cli.tour.Step;
import dev.parley.cli.tour.Tour;
import dev.parley.net.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code parley tour}: shows the three iterations as they run. */
@Command(
        name = "tour",
        description = {
            "Run the three iterations of the socket tutorial over loopback sockets, and draw them.",
            "The drawing has the socket calls on both sides, in their order, and the bytes between them; at the end,",
            "two requests at once on one connection."
        },
        footerHeading = "%nExample:%n",
        footer = {"  parley tour", "  parley tour --json", "", ExitCode.TEXT})
final class TourCommand extends LeafCommand {
    @Option(names = "--json", description = "Print each step as a line of JSON instead of drawing.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        long start = System.nanoTime();
        Tour tour = programs();
        for (int iteration = 1; iteration <= Tour.CHAPTERS; iteration++) {
            Tour.Chapter chapter = tour.run(iteration, events());
            if (json) {
                printJson(iteration, chapter);
            } else {
                print(chapter);
            }
        }
        if (!json) {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            io().outLine("Every call above was made: four servers and six clients in "
                    + Durations.text(Duration.ofMillis(took.toMillis())) + ".");
            io().outLine("Next: 'parley echo --help', 'parley multi --help', 'parley app --help'.");
        }
        return ExitCode.OK;
    }

    /** The same programs as the other commands run. */
    static Tour programs() {
        return new Tour(
                (loop, address, connections) ->
                        MultiRun.start(loop, address, connections, MultiClientCommand.TUTORIAL_MESSAGES)
                                        .await()
                                        .failed()
                                == 0,
                new SearchApp(SearchData.ofTutorial()));
    }

    private void print(Tour.Chapter chapter) throws IOException {
        io().outLine(chapter.title());
        io().outLine(chapter.lesson());
        io().outLine("");
        for (String row : SequenceDiagram.rows(chapter.steps())) {
            io().outLine(row);
        }
        io().outLine("");
        if (!chapter.facts().isEmpty()) {
            io().outLine(chapter.factsTitle());
            for (String row : chapter.facts()) {
                io().outLine(row);
            }
            io().outLine("");
        }
    }

    private void printJson(int iteration, Tour.Chapter chapter) throws IOException {
        for (Step step : chapter.steps()) {
            io().outLine("{\"iteration\": " + iteration + ", \"side\": "
                    + Json.string(step.side().name().toLowerCase(Locale.ROOT)) + ", \"call\": "
                    + Json.string(step.call().text()) + ", \"connection\": " + step.connection() + ", \"bytes\": "
                    + step.bytes() + ", \"detail\": " + Json.string(step.detail()) + ", \"state\": "
                    + Json.string(step.state()) + "}");
        }
    }
}
