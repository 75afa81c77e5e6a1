package dev.parley.cli.tour;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws chapters as SVG documents, from the same recording as the text. Every run of the same programs gives the same
 * pictures, since ports are replaced by names, and simultaneous events have a fixed order.
 */
public final class Pictures {
    private Pictures() {}

    /**
     * Returns the documents of a chapter by their file names: its diagram, and the picture of its message if it has
     * one.
     */
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
