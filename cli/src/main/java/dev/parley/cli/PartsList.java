package dev.parley.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Completes a list of parts (CycloneDX) that Maven has made. It gives each part the id of its licence (SPDX). In the
 * list of a package, it keeps the parts that the package has in it, and adds the Java runtime to the list of an image.
 * The build of the packages runs this program.
 */
final class PartsList {
    /** The ids of licences that Maven knows by another name. The licence of Bouncy Castle has the words of MIT. */
    private static final Map<String, String> IDS = Map.of("Bouncy Castle Licence", "MIT");

    private static final String RUNTIME_LICENSE = "GPL-2.0-only WITH Classpath-exception-2.0";
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final ObjectNode list;

    private PartsList(Path file) throws IOException {
        list = (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
        for (JsonNode part : list.path("components")) {
            nameLicenses(part);
        }
    }

    /**
     * Completes the lists {@code args[1]} and so on if {@code args[0]} is {@code licenses}. Otherwise reads the list
     * {@code args[1]} and writes a list of the jars in the directories {@code args[3]} and so on to {@code args[2]};
     * with the runtime that runs this program if {@code args[0]} is {@code image}.
     */
    public static void main(String[] args) throws IOException {
        if (args[0].equals("licenses")) {
            for (String file : Arrays.asList(args).subList(1, args.length)) {
                new PartsList(Path.of(file)).write(Path.of(file));
            }
            return;
        }
        var parts = new PartsList(Path.of(args[1]));
        var jars = new HashSet<String>();
        for (String directory : Arrays.asList(args).subList(3, args.length)) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                files.forEach(file -> jars.add(String.valueOf(file.getFileName())));
            }
        }
        parts.keep(jars);
        if (args[0].equals("image")) {
            parts.addRuntime();
        }
        parts.write(Path.of(args[2]));
    }

    private void write(Path file) throws IOException {
        Files.write(file, MAPPER.writeValueAsBytes(list));
    }

    private static void nameLicenses(JsonNode part) throws IOException {
        JsonNode licenses = part.path("licenses");
        if (licenses.isEmpty()) {
            throw new IOException(
                    "Maven names no licence for " + part.path("name").asString());
        }
        for (JsonNode each : licenses) {
            if (each.path("license") instanceof ObjectNode license && !license.has("id")) {
                String name = license.path("name").asString();
                String id = IDS.get(name);
                if (id == null) {
                    throw new IOException("PartsList knows no id for the licence '" + name + "' of "
                            + part.path("name").asString());
                }
                license.remove("name");
                license.put("id", id);
            }
        }
    }

    /** Removes what is in none of the jars, such as annotations that only the compiler reads. */
    private void keep(Set<String> jars) {
        var removed = new HashSet<String>();
        list.withArray("components").removeIf(part -> {
            String jar =
                    part.path("name").asString() + "-" + part.path("version").asString() + ".jar";
            return !jars.contains(jar) && removed.add(part.path("bom-ref").asString());
        });
        ArrayNode dependencies = list.withArray("dependencies");
        dependencies.removeIf(of -> removed.contains(of.path("ref").asString()));
        for (JsonNode of : dependencies) {
            ((ObjectNode) of).withArray("dependsOn").removeIf(ref -> removed.contains(ref.asString()));
        }
    }

    private void addRuntime() {
        String version = System.getProperty("java.runtime.version");
        String ref = "pkg:generic/openjdk@" + URLEncoder.encode(version, StandardCharsets.UTF_8);
        ObjectNode runtime = list.withArray("components").addObject();
        runtime.put("type", "platform");
        runtime.put("bom-ref", ref);
        runtime.putObject("supplier").put("name", System.getProperty("java.vendor"));
        runtime.put("name", "openjdk");
        runtime.put("version", version);
        runtime.put("description", "The Java runtime: modules of the JDK, put together by jlink.");
        runtime.putArray("licenses").addObject().put("expression", RUNTIME_LICENSE);
        runtime.put("purl", ref);
        ArrayNode dependencies = list.withArray("dependencies");
        String root = list.at("/metadata/component/bom-ref").asString();
        for (JsonNode of : dependencies) {
            if (of.path("ref").asString().equals(root)) {
                ((ObjectNode) of).withArray("dependsOn").add(ref);
            }
        }
        dependencies.addObject().put("ref", ref).putArray("dependsOn");
    }
}
