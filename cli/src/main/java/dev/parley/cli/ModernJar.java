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
 * Raises the version of old classes in a jar, so that the JVM can keep them in its cache. The JVM does not cache
 * classes from before Java 6, since they have no stack maps. This program adds stack maps to them, and gives them the
 * version of this JVM. Everything else in the jar stays unchanged. Classes that cannot be raised stay unchanged too:
 * classes with a subroutine (JSR, RET), which later versions forbid, and classes with a missing superclass, since their
 * stack maps cannot be computed.
 */
final class ModernJar {
    private static final ClassTransform RAISED = ClassTransform.transformingMethodBodies(
                    // Refuse instructions that only exist in older versions.
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

    /** Raises the classes in these jars, and replaces the jars. The launcher runs this before it creates the cache. */
    public static void main(String[] args) throws IOException {
        for (String jar : args) {
            raise(Path.of(jar));
        }
    }

    /**
     * Replaces this jar by a jar with raised classes, either completely or not at all. If a process has the old jar
     * open, the process keeps the old jar. A jar without old classes is not changed, and neither is a signed jar.
     *
     * @return the number of classes that were raised
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

    /** Returns a copy of the entry without the sizes, since the new content has other sizes. */
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
