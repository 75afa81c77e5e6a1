package dev.parley.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Makes the list of classes for an archive of the JVM (class data sharing). The list has two forms. Which classes a run
 * loads depends a little on how threads meet, and on what the machine has. So the build takes the list from the
 * repository, {@code packaging/image/classes-KIND}, and the archive depends on it alone. {@code record} makes that list
 * from runs of the commands. {@code complete} adds to it what depends on the classes as they were built: the indexes of
 * the call sites of lambdas and the like, which take long to link.
 */
final class StartupClasses {
    /** Begins a line with a class whose call sites are linked in the archive; the JVM's form has their indexes too. */
    private static final String CALL_SITES = "@cp ";

    /** Begins a line that is about a method handle, not about a class. */
    private static final String METHOD_HANDLE = "@lambda-form-invoker ";

    private StartupClasses() {}

    /** Prints the list that {@code record} makes of the JVM's lists, or {@code complete} of the list in a file. */
    public static void main(String[] args) throws IOException {
        var files = Arrays.stream(args).skip(1).map(Path::of).toList();
        Collection<String> list =
                args[0].equals("record") ? recorded(files) : completed(Files.readAllLines(files.get(0)));
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        list.forEach(out::println);
        out.flush();
    }

    /** Returns what all runs have in common, without what is numbered in the order of the run or by the compiler. */
    private static Collection<String> recorded(List<Path> lists) throws IOException {
        var common = new TreeSet<String>(lines(Files.readAllLines(lists.get(0))));
        for (Path list : lists) {
            common.retainAll(lines(Files.readAllLines(list)));
        }
        return common;
    }

    private static Collection<String> lines(List<String> list) throws IOException {
        var lines = new TreeSet<String>();
        for (String entry : list) {
            String line = entry.replaceFirst(" id: .*", "");
            if (line.startsWith(CALL_SITES)) {
                String[] words = line.split(" ", 0);
                List<String> callSites = callSites(words[1]);
                if (Arrays.stream(words).skip(2).anyMatch(callSites::contains)) {
                    lines.add(CALL_SITES + words[1]);
                }
            } else if (!line.startsWith("#") && (!line.startsWith("@") || line.startsWith(METHOD_HANDLE))) {
                lines.add(line);
            }
        }
        return lines;
    }

    /** Returns the list in the JVM's form, in the order that the JVM needs, without classes that are gone by now. */
    private static Collection<String> completed(List<String> list) throws IOException {
        var classes = new ArrayList<String>();
        var methodHandles = new ArrayList<String>();
        var sites = new ArrayList<String>();
        for (String line : list) {
            if (line.startsWith(CALL_SITES)) {
                List<String> callSites = callSites(line.substring(CALL_SITES.length()));
                if (!callSites.isEmpty()) {
                    sites.add(line + " " + String.join(" ", callSites));
                }
            } else if (line.startsWith(METHOD_HANDLE)) {
                methodHandles.add(line);
            } else if (ClassLoader.getSystemResource(line + ".class") != null) {
                classes.add(line);
            }
        }
        classes.addAll(methodHandles);
        classes.addAll(sites);
        return classes;
    }

    /** Returns the indexes of the constants of a class that are call sites; none if the class is gone. */
    private static List<String> callSites(String className) throws IOException {
        try (InputStream in = ClassLoader.getSystemResourceAsStream(className + ".class")) {
            if (in == null) {
                return List.of();
            }
            var indexes = new ArrayList<String>();
            for (PoolEntry entry : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
                if (entry instanceof InvokeDynamicEntry) {
                    indexes.add(Integer.toString(entry.index()));
                }
            }
            return indexes;
        }
    }
}
