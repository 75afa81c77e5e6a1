package dev.parley.cli;

import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.files.WholeFile;
import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Pager;
import dev.parley.cli.terminal.Terminal;
import dev.parley.cli.tour.ChapterText;
import dev.parley.cli.tour.Pictures;
import dev.parley.cli.tour.SequenceDiagram;
import dev.parley.cli.tour.Tour;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code parley tour}: shows the three iterations as they run. */
@Command(
        name = "tour",
        description = {
            "Run the three iterations of the socket tutorial over loopback sockets, and draw them.",
            "The drawing shows the socket calls of both sides in their order, and the bytes between them; at the end, "
                    + "two requests at once on one connection."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley tour",
            "  parley tour --width 160 | less -R",
            "  parley tour --json | jq 'select(.event == \"send\")'",
            "  parley tour --svg pictures",
            "",
            TourJson.FIELDS,
            "",
            ExitCode.TEXT
        })
final class TourCommand extends LeafCommand {
    @Option(
            names = "--json",
            description = "Print each step as a line of JSON instead of drawing. See below for its fields.")
    private boolean json;

    @Option(
            names = "--width",
            paramLabel = "COLUMNS",
            description =
                    "Width of the drawing in columns, 20 to 1000. Default: COLUMNS, else the width of the terminal that it"
                            + " prints to, else 80. Below " + SequenceDiagram.WIDE_COLUMNS
                            + " the explanations of the calls stand below the first drawing.")
    private @Nullable Integer width;

    @Option(
            names = "--ascii",
            description =
                    "Draw with ASCII only. Default if the locale is not UTF-8, and on a terminal if TERM is dumb.")
    private boolean ascii;

    @Option(
            names = "--no-pager",
            description =
                    "Print all at once. By default, a terminal shows it page by page, with 'less' or what PAGER names.")
    private boolean noPager;

    private @Nullable Pager pager;

    @Option(
            names = "--svg",
            paramLabel = "DIR",
            description = {
                "Write the drawings as SVG pictures into this directory, instead of printing them.",
                "They are the same in every run: ports have names, and simultaneous events have an order."
            })
    private @Nullable Path svg;

    @Override
    public Integer call() throws Exception {
        Terminal terminal = terminal();
        if (json && svg != null) {
            throw usage("--json and --svg exclude each other; choose one of them");
        }
        pager = pages() ? Pager.startOrNull(System.getenv()) : null;
        if (pager == null) {
            show(terminal);
        } else {
            showInPager(pager, terminal);
        }
        return ExitCode.OK;
    }

    /** Returns true if the drawing goes to a terminal on which a user can turn pages. */
    private boolean pages() {
        return !noPager && !json && svg == null && io().isTerminal() && Pager.canBeUsed();
    }

    /** The messages of the tour come after the pages. */
    private void showInPager(Pager pages, Terminal terminal) throws Exception {
        io().holdMessages();
        try (var _ = Shutdown.releasesMessages(io());
                pages) {
            show(terminal);
        } finally {
            io().releaseMessages();
        }
    }

    private void show(Terminal terminal) throws Exception {
        Tour tour = programs();
        LoopObserver observer = observer();
        long tookNanos = 0; // without the time that the reader of a page takes
        for (int number = 1; number <= Tour.CHAPTERS; number++) {
            long startNanos = System.nanoTime();
            Tour.Chapter chapter = tour.run(number, observer);
            tookNanos += System.nanoTime() - startNanos;
            if (svg != null) {
                writePictures(svg, chapter);
            } else if (json) {
                print(TourJson.lines(chapter));
            } else {
                print(ChapterText.rows(chapter, terminal));
                if (number == 1) {
                    print(ChapterText.meanings(chapter, terminal));
                }
            }
        }
        if (!json && svg == null) {
            printEnd(Duration.ofNanos(tookNanos), terminal);
        }
    }

    private Terminal terminal() {
        Terminal terminal = io().terminal();
        if (width != null) {
            if (width < Terminal.COLUMNS_MIN || width > Terminal.COLUMNS_MAX) {
                throw usage("--width is " + width + "; " + Terminal.COLUMNS_MIN + " to " + Terminal.COLUMNS_MAX);
            }
            terminal = terminal.withColumns(width);
        }
        return ascii ? terminal.withAscii() : terminal;
    }

    /** Returns a tour. It runs the same programs as the other commands. */
    static Tour programs() {
        return new Tour(
                (loop, address, connections) ->
                        MultiRun.start(loop, address, connections, MultiClientCommand.TUTORIAL_MESSAGES)
                                        .await()
                                        .failed()
                                == 0,
                new SearchApp(SearchData.ofTutorial()));
    }

    private void print(List<String> rows) throws IOException {
        for (String row : rows) {
            if (pager == null) {
                io().outLine(row);
            } else {
                pager.line(row);
            }
        }
    }

    private void printEnd(Duration took, Terminal terminal) throws IOException {
        String made = "Every call above was made: four servers and six clients in "
                + Durations.text(Duration.ofMillis(took.toMillis())) + ".";
        String next = "Next: 'parley echo --help', 'parley multi --help', 'parley app --help'.";
        print(Cells.wrap(made, terminal.columns(), ""));
        print(Cells.wrap(next, terminal.columns(), ""));
    }

    private void writePictures(Path directory, Tour.Chapter chapter) throws IOException {
        for (Map.Entry<String, String> picture : Pictures.of(chapter).entrySet()) {
            Path file = directory.resolve(picture.getKey());
            try {
                Files.createDirectories(directory);
                WholeFile.write(file, picture.getValue());
            } catch (IOException e) {
                throw new FileFailedException("cannot write the picture " + file, e);
            }
            io().outLine(file.toString());
        }
    }
}
