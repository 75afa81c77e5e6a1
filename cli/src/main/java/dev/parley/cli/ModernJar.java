package dev.parley.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.DiscontinuedInstruction;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A jar whose classes are of a version that the JVM keeps in its cache. Of before Java 6 it keeps none, since they have
 * no stack maps; here they get them, and the version of this JVM. Everything else in the jar stays as it is. So does a
 * class that cannot be raised: with a subroutine (JSR, RET), which later versions forbid; or one of whose superclasses
 * is missing, so that the maps cannot be told.
 */
final class ModernJar {
    private static final ClassTransform RAISED = ClassTransform.transformingMethodBodies(
                    // Instructions that an older version has are refused on the way.
                    (code, element) -> {
                        if (element instanceof DiscontinuedInstruction) {
                            throw new IllegalArgumentException("a subroutine: " + element);
                        }
                        code.with(element);
                    })
            .andThen((raised, element) -> {
                if (element instanceof ClassFileVersion) {
                    raised.withVersion(ClassFile.latestMajorVersion(), 0);
                } else {
                    raised.with(element);
                }
            });

    private final Map<String, byte[]> contents = new HashMap<>();
    private final ClassFile classFile = ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(this::open)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    private int raised;

    private ModernJar() {}

    /** Raises jars in their places; the launcher does so before the cache is made. */
    public static void main(String[] args) throws IOException {
        for (String jar : args) {
            raise(Path.of(jar));
        }
    }

    /**
     * Puts a raised jar in the place of this one, whole or not at all; who has the old one open keeps it. A jar with
     * nothing to raise, and a signed one, is not touched.
     *
     * @return how many classes were raised
     */
    static int raise(Path jar) throws IOException {
        Path beside = Path.of(jar + ".new");
        try {
            var modern = new ModernJar();
            modern.write(jar, beside);
            if (modern.raised > 0) {
                Files.move(beside, jar, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
            return modern.raised;
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private void write(Path from, Path to) throws IOException {
        try (var old = new ZipFile(from.toFile());
                var written = new ZipOutputStream(Files.newOutputStream(to))) {
            var entries = old.stream().toList();
            for (ZipEntry entry : entries) {
                contents.put(entry.getName(), old.getInputStream(entry).readAllBytes());
            }
            boolean signed = contents.keySet().stream().anyMatch(ModernJar::isSignature);
            for (ZipEntry entry : entries) {
                byte[] content = content(entry);
                written.putNextEntry(alike(entry));
                written.write(signed ? content : modern(entry.getName(), content));
                written.closeEntry();
            }
        }
    }

    private byte[] content(ZipEntry entry) {
        return contents.getOrDefault(entry.getName(), new byte[0]);
    }

    /** Sizes are those of what is written, so they are left out. */
    private static ZipEntry alike(ZipEntry old) {
        var entry = new ZipEntry(old.getName());
        if (old.getTime() != -1) {
            entry.setTime(old.getTime());
        }
        entry.setComment(old.getComment());
        return entry;
    }

    private static boolean isSignature(String name) {
        return name.toUpperCase(Locale.ROOT).matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
    }

    private byte[] modern(String name, byte[] content) {
        if (!name.endsWith(".class")) {
            return content;
        }
        try {
            ClassModel old = classFile.parse(content);
            if (old.majorVersion() >= ClassFile.JAVA_6_VERSION) {
                return content;
            }
            byte[] modern = classFile.transformClass(old, RAISED);
            if (!classFile.verify(modern).isEmpty()) {
                return content;
            }
            raised++;
            return modern;
        } catch (IllegalArgumentException cannotBeRaised) {
            return content;
        }
    }

    private @Nullable InputStream open(ClassDesc name) {
        String descriptor = name.descriptorString();
        byte[] content = contents.get(descriptor.substring(1, descriptor.length() - 1) + ".class");
        return content == null ? null : new ByteArrayInputStream(content);
    }
}
