package dev.parley.cli.tour;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Chapters as SVG documents, drawn from the same recording as the text. Ports have names and what happens at once has a
 * fixed order, so that every run of the same programs gives the same pictures.
 */
public final class Pictures {
    private Pictures() {}

    /** File names and documents: the chapter's diagram, and its message taken apart where it has one. */
    public static Map<String, String> of(Tour.Chapter chapter) {
        var pictures = new LinkedHashMap<String, String>();
        pictures.put(chapter.name() + ".svg", SequencePicture.of(chapter));
        List<Fact> frame =
                chapter.facts().stream().filter(fact -> !fact.part().isEmpty()).toList();
        if (!frame.isEmpty()) {
            pictures.put("frame.svg", FramePicture.of("One message, byte by byte", frame));
        }
        return pictures;
    }
}
