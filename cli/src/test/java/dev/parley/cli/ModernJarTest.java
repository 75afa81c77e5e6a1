package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.instruction.DiscontinuedInstruction.JsrInstruction;
import java.lang.classfile.instruction.DiscontinuedInstruction.RetInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that old classes become new ones that do the same, and that nothing else in a jar changes. */
class ModernJarTest {
    private static final ClassDesc OLD = ClassDesc.of("old.Old");
    private static final MethodTypeDesc INT_TO_INT = MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int);

    @TempDir
    private Path directory;

    /** Returns a class as a compiler of that time wrote it, with a branch and without a stack map. */
    private static byte[] oldClass(ClassDesc superclass, Consumer<CodeBuilder> body) {
        return ClassFile.of(StackMapsOption.DROP_STACK_MAPS)
                .build(OLD, made -> made.withVersion(ClassFile.JAVA_5_VERSION, 0)
                        .withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_SUPER)
                        .withSuperclass(superclass)
                        .withMethodBody("larger", INT_TO_INT, ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC, body));
    }

    private static void larger(CodeBuilder code) {
        code.iload(0).ifThenElse(then -> then.iload(0).iconst_1().iadd().ireturn(), or -> or.iconst_m1()
                .ireturn());
    }

    private static void subroutine(CodeBuilder code) {
        var routine = code.newLabel();
        code.with(JsrInstruction.of(routine)).iload(0).ireturn();
        code.labelBinding(routine).astore(1).with(RetInstruction.of(1));
    }

    private Path jar(Map<String, byte[]> entries) throws IOException {
        Path jar = directory.resolve("a.jar");
        try (var written = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (var entry : entries.entrySet()) {
                written.putNextEntry(new ZipEntry(entry.getKey()));
                written.write(entry.getValue());
                written.closeEntry();
            }
        }
        return jar;
    }

    private static Map<String, byte[]> entries(Path jar) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        try (var zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anOldClassGetsTheVersionOfThisJvmAndDoesWhatItDid() throws Exception {
        var before = new LinkedHashMap<String, byte[]>();
        before.put("META-INF/MANIFEST.MF", bytes("Manifest-Version: 1.0\r\n\r\n"));
        before.put("old/", new byte[0]);
        before.put("old/Old.class", oldClass(ConstantDescs.CD_Object, ModernJarTest::larger));
        before.put("old/text.class.txt", bytes("text"));
        Path jar = jar(before);
        assertThat(ModernJar.raise(jar)).isEqualTo(1);
        Map<String, byte[]> after = entries(jar);
        assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
        byte[] raised = after.remove("old/Old.class");
        before.remove("old/Old.class");
        assertThat(after).containsExactlyEntriesOf(before);
        assertThat(ClassFile.of().parse(raised).majorVersion()).isEqualTo(ClassFile.latestMajorVersion());
        try (var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            var method = loader.loadClass("old.Old").getMethod("larger", int.class);
            assertThat(method.invoke(null, 41)).isEqualTo(42);
            assertThat(method.invoke(null, 0)).isEqualTo(-1);
        }
    }

    @Test
    void whatCannotOrNeedNotBeRaisedStaysAsItWas() throws Exception {
        byte[] lonely = oldClass(ClassDesc.of("not.There"), code -> {
            var both = code.newLabel();
            code.iload(0).ifThenElse(one -> one.new_(OLD).astore(1), other -> other.new_(ClassDesc.of("not.Here"))
                    .astore(1));
            code.labelBinding(both).aload(1).pop().iload(0).ireturn();
        });
        for (byte[] content : new byte[][] {
            oldClass(ConstantDescs.CD_Object, ModernJarTest::subroutine),
            lonely,
            bytes("no class at all"),
            {},
            ClassFile.of().build(OLD, made -> made.withVersion(ClassFile.JAVA_6_VERSION, 0))
        }) {
            Path jar = jar(Map.of("old/Old.class", content));
            byte[] whole = Files.readAllBytes(jar);
            assertThat(ModernJar.raise(jar)).isZero();
            assertThat(jar).hasBinaryContent(whole);
        }
    }

    @Test
    void aSignedJarIsNotTouched() throws Exception {
        Path jar = jar(Map.of(
                "META-INF/SOMEBODY.SF", bytes("Signature-Version: 1.0\r\n\r\n"),
                "old/Old.class", oldClass(ConstantDescs.CD_Object, ModernJarTest::larger)));
        byte[] whole = Files.readAllBytes(jar);
        assertThat(ModernJar.raise(jar)).isZero();
        assertThat(jar).hasBinaryContent(whole);
    }

    @Test
    void whatIsNoJarStaysAndNothingIsLeftBesideIt() throws Exception {
        Path jar = Files.writeString(directory.resolve("b.jar"), "no jar");
        assertThatThrownBy(() -> ModernJar.raise(jar)).isInstanceOf(IOException.class);
        assertThat(jar).hasContent("no jar");
        assertThat(directory).isDirectoryNotContaining("glob:**.new");
    }
}
