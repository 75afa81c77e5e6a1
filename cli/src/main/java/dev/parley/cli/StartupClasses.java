package dev.parley.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ConstantPool;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes one list of classes, for an archive of the JVM (class data sharing), from the lists that the JVM has written in
 * several runs of the same commands. Which classes are loaded, and which of their constants are resolved, depends a
 * little on how threads meet. So the list has what all runs have in common, in a fixed order, and of the constants only
 * the call sites of lambdas and the like, which take long to link. The build of the packages runs this program.
 */
final class StartupClasses {
    private static final String CONSTANTS = "@cp ";

    /** Classes in whose code the threads meet: what they need depends on who comes first. */
    private static final Pattern RACY = Pattern.compile("(@\\S+ )?(java/util/concurrent/|java/lang/VirtualThread"
            + "|jdk/internal/vm/|dev/parley/net/DirectWrites|dev/parley/net/ReceivedBytes"
            + "|dev/parley/cli/tour/CausalOrder).*");

    private StartupClasses() {}

    /** Prints the lines that the lists in the files {@code args} have in common. */
    public static void main(String[] args) throws IOException {
        Set<String> ofJdk =
                new HashSet<>(Files.readAllLines(Path.of(System.getProperty("java.home"), "lib/classlist")));
        Set<String> common = null;
        for (String file : args) {
            Set<String> one = lines(Files.readAllLines(Path.of(file)), ofJdk);
            if (common == null) {
                common = one;
            }
            common.retainAll(one);
        }
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        ordered(common == null ? Set.of() : common).forEach(out::println);
        out.flush();
    }

    /**
     * Returns the lines of a list, one for each constant, without the lines that are numbered in the order of the run.
     *
     * @param ofJdk the list for the JDK's own archive, which is part of the JDK, and so the same for each build
     */
    private static Set<String> lines(List<String> list, Set<String> ofJdk) throws IOException {
        var lines = new HashSet<String>();
        for (String entry : list) {
            String line = entry.replaceFirst(" id: .*", "");
            if (line.startsWith("#") || RACY.matcher(line).matches() && !ofJdk.contains(line)) {
                continue;
            }
            if (line.startsWith(CONSTANTS)) {
                String[] words = line.split(" ", 0);
                String prefix = CONSTANTS + words[1] + " ";
                Set<String> callSites = callSites(words[1]);
                Arrays.stream(words).skip(2).filter(callSites::contains).forEach(index -> lines.add(prefix + index));
            } else {
                lines.add(line);
            }
        }
        return lines;
    }

    /** Returns the indexes of the constants of a class that are call sites. */
    private static Set<String> callSites(String className) throws IOException {
        try (InputStream in = ClassLoader.getSystemResourceAsStream(className + ".class")) {
            if (in == null) {
                return Set.of();
            }
            ConstantPool constants = ClassFile.of().parse(in.readAllBytes()).constantPool();
            var indexes = new HashSet<String>();
            constants.forEach(entry -> {
                if (entry instanceof InvokeDynamicEntry) {
                    indexes.add(Integer.toString(entry.index()));
                }
            });
            return indexes;
        }
    }

    /**
     * Returns the lines in the order that the JVM needs: classes, lambdas, and the constants of each class in one line.
     */
    private static List<String> ordered(Set<String> lines) {
        var classes = new TreeSet<String>();
        var lambdas = new TreeSet<String>();
        var constants = new TreeMap<String, TreeSet<Integer>>();
        for (String line : lines) {
            if (line.startsWith(CONSTANTS)) {
                String[] words = line.split(" ", 0);
                constants.computeIfAbsent(words[1], name -> new TreeSet<>()).add(Integer.valueOf(words[2]));
            } else {
                (line.startsWith("@") ? lambdas : classes).add(line);
            }
        }
        var all = new ArrayList<String>(classes);
        all.addAll(lambdas);
        constants.forEach((name, indexes) -> all.add(
                CONSTANTS + name + " " + indexes.stream().map(String::valueOf).collect(Collectors.joining(" "))));
        return all;
    }
}
