package dev.parley.cli.tour;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.tour.LogicalOrder.Timed;
import dev.parley.cli.tour.Svg.Anchor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws a chapter's steps as a picture. It has a lifeline for each of the two ends, the calls of each end beside its
 * lifeline, and an arrow from each call that sent to the call that received. Time runs from top to bottom. Steps in one
 * row may have happened at the same time.
 */
final class SequencePicture {
    private static final int MARGIN = 24;
    private static final int ROW = 28;
    private static final int BETWEEN = 420;
    private static final int ARROW_CELLS = 50;
    private static final int CELL = 8;
    private static final int LESSON_CELL = 7;
    private static final int TITLE_BASE = 38;
    private static final int LINE = 20;
    private static final int HEAD_HEIGHT = 28;
    private static final int HEAD_HALF = 42;
    private static final int GAP = 12;
    private static final String CUT = "\u2026";

    private final Tour.Chapter chapter;
    private final List<Timed> steps;
    private final Labels labels;
    private final IdentityHashMap<Step, Integer> rows = new IdentityHashMap<>();
    private final Svg svg = new Svg();
    private int clientX;
    private int serverX;
    private int firstY;

    private SequencePicture(Tour.Chapter chapter) {
        this.chapter = chapter;
        List<Step> stable = StablePorts.of(chapter.steps());
        labels = new Labels(stable);
        steps = LogicalOrder.of(stable);
    }

    /** Returns the SVG document. */
    static String of(Tour.Chapter chapter) {
        return new SequencePicture(chapter).draw();
    }

    private String draw() {
        clientX = MARGIN + sideWidth(Side.CLIENT);
        serverX = clientX + BETWEEN;
        int width = serverX + sideWidth(Side.SERVER) + MARGIN;
        int headY = drawHeading(width);
        firstY = headY + HEAD_HEIGHT + ROW;
        int endY = firstY + placeRows() * ROW;
        drawEnd(Side.CLIENT, headY, endY);
        drawEnd(Side.SERVER, headY, endY);
        drawArrows();
        steps.forEach(timed -> drawCall(timed.step()));
        return svg.document(width, endY + MARGIN, chapter.title(), description());
    }

    private int sideWidth(Side side) {
        int cells = steps.stream()
                .map(Timed::step)
                .filter(step -> step.side() == side)
                .mapToInt(step -> Cells.of(callAndState(step)))
                .max()
                .orElse(0);
        return GAP + cells * CELL;
    }

    private int drawHeading(int width) {
        svg.text("title", Anchor.START, MARGIN, TITLE_BASE, chapter.title());
        int y = TITLE_BASE + LINE + 4;
        for (String line : Cells.wrap(chapter.lesson(), (width - 2 * MARGIN) / LESSON_CELL, "")) {
            svg.text("lesson", Anchor.START, MARGIN, y, line);
            y += LINE;
        }
        return y;
    }

    /**
     * Places the steps in rows, and returns the number of rows. Steps with the same time at different ends share a row.
     */
    private int placeRows() {
        int next = 0;
        int time = -1;
        var used = new EnumMap<Side, Integer>(Map.of(Side.CLIENT, 0, Side.SERVER, 0));
        for (Timed timed : steps) {
            if (timed.time() != time) {
                time = timed.time();
                int from = next;
                used.replaceAll((side, row) -> from);
            }
            Side side = timed.step().side();
            int row = used.merge(side, 1, Integer::sum) - 1;
            rows.put(timed.step(), row);
            next = Math.max(next, row + 1);
        }
        return next;
    }

    private int y(Step step) {
        return firstY + rows.getOrDefault(step, 0) * ROW;
    }

    private int x(Side side) {
        return side == Side.CLIENT ? clientX : serverX;
    }

    private static String style(Side side) {
        return side == Side.CLIENT ? "client" : "server";
    }

    private void drawEnd(Side side, int headY, int endY) {
        svg.line("life", x(side), headY + HEAD_HEIGHT, x(side), endY);
        svg.rectangle("box", x(side) - HEAD_HALF, headY, 2 * HEAD_HALF, HEAD_HEIGHT);
        svg.text("head", Anchor.MIDDLE, x(side), headY + 19, style(side));
    }

    private void drawCall(Step step) {
        boolean client = step.side() == Side.CLIENT;
        svg.dot(style(step.side()), x(step.side()), y(step));
        svg.text(
                "call",
                client ? Anchor.END : Anchor.START,
                x(step.side()) + (client ? -GAP : GAP),
                y(step) + 4,
                callAndState(step));
    }

    /** Returns the label of a call, with the state on the side away from the lifelines. */
    private String callAndState(Step step) {
        String call = labels.call(step);
        String state = Labels.state(step);
        return (step.side() == Side.CLIENT ? state + " " + call : call + " " + state).strip();
    }

    /**
     * Draws the arrows. All lines are drawn before the texts, so that no line goes through the text of another arrow.
     */
    private void drawArrows() {
        var arrows = new ArrayList<Arrow>();
        Set<Step> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Timed timed : steps) {
            Step cause = timed.cause();
            if (cause != null) {
                arrows.add(arrow(cause, timed.step()));
                taken.add(cause);
            }
        }
        steps.stream()
                .map(Timed::step)
                .filter(step -> step.call() == Call.SEND && !taken.contains(step))
                .forEach(step -> arrows.add(arrow(step, null)));
        for (Arrow arrow : arrows) {
            svg.line(arrow.style, arrow.x1, arrow.y1, arrow.x2, arrow.y2);
            svg.arrowHead(arrow.style, arrow.x1, arrow.y1, arrow.x2, arrow.y2);
        }
        for (Arrow arrow : arrows) {
            svg.textAlong("halo", arrow.x1, arrow.y1, arrow.x2, arrow.y2, arrow.text);
        }
    }

    private record Arrow(String style, int x1, int y1, int x2, int y2, String text) {}

    /**
     * Returns the arrow of a step. If several receives took the bytes of a send, {@code to} is null, and the arrow is
     * horizontal, since it does not end at a single receive.
     */
    private Arrow arrow(Step from, @Nullable Step to) {
        int inwards = from.side() == Side.CLIENT ? 4 : -4;
        Side other = from.side() == Side.CLIENT ? Side.SERVER : Side.CLIENT;
        String text =
                switch (from.call()) {
                    case CONNECT -> "SYN";
                    case SEND -> Cells.cut(Labels.payload(from, CUT), ARROW_CELLS, CUT);
                    default -> "FIN";
                };
        return new Arrow(
                style(from.side()),
                x(from.side()) + inwards,
                y(from),
                x(other) - inwards,
                y(to == null ? from : to),
                text);
    }

    /** Returns the description of the picture, for people with a screen reader. */
    private String description() {
        var said = new ArrayList<String>();
        for (Timed timed : steps) {
            Step step = timed.step();
            String payload = step.call() == Call.SEND ? Labels.payload(step, CUT) : "";
            said.add(String.join(" ", style(step.side()), labels.call(step), payload, Labels.state(step))
                    .replaceAll(" +", " ")
                    .strip());
        }
        return chapter.lesson() + " Drawn from a recorded run, with names for its ports. In their order: "
                + String.join("; ", said) + ".";
    }
}
