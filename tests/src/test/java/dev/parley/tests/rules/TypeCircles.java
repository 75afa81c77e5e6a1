package dev.parley.tests.rules;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The circles of the types of each package: those of which each depends on each other one, by any way inside the
 * package (the strongly connected components of Tarjan's algorithm). A nested type counts as the one that it is in.
 */
final class TypeCircles {
    private final Map<String, List<Set<String>>> byPackage = new TreeMap<>();

    private final Map<String, Set<String>> dependencies = new TreeMap<>();

    // Tarjan's algorithm, for one package at a time.
    private final Map<String, Integer> indexes = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> onPath = new HashSet<>();

    TypeCircles(JavaClasses classes) {
        for (JavaClass each : classes) {
            Set<String> targets = dependencies.computeIfAbsent(outermost(each), _ -> new TreeSet<>());
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().equals(each.getPackageName()))
                    .forEach(target -> targets.add(outermost(target)));
            targets.addAll(permitted(each));
        }
        for (String type : dependencies.keySet()) {
            if (!indexes.containsKey(type)) {
                visit(type);
            }
        }
    }

    /** The types that a sealed one permits. The compiler writes them into no instruction, so they are asked for. */
    private static List<String> permitted(JavaClass type) {
        Class<?>[] permitted = type.reflect().getPermittedSubclasses();
        return permitted == null
                ? List.of()
                : Arrays.stream(permitted)
                        .filter(target -> target.getPackageName().equals(type.getPackageName()))
                        .map(target -> outermost(target).getName())
                        .toList();
    }

    private static Class<?> outermost(Class<?> type) {
        Class<?> enclosing = type.getEnclosingClass();
        return enclosing == null ? type : outermost(enclosing);
    }

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(TypeCircles::outermost).orElse(type.getName());
    }

    private void visit(String type) {
        indexes.put(type, indexes.size());
        lowest.put(type, indexes.get(type));
        path.push(type);
        onPath.add(type);
        for (String target : dependencies.getOrDefault(type, Set.of())) {
            if (!indexes.containsKey(target)) {
                visit(target);
                lowest.merge(type, lowest.get(target), Math::min);
            } else if (onPath.contains(target)) {
                lowest.merge(type, indexes.get(target), Math::min);
            }
        }
        if (lowest.get(type).equals(indexes.get(type))) {
            take(type);
        }
    }

    private void take(String first) {
        var circle = new TreeSet<String>();
        String type;
        do {
            type = path.pop();
            onPath.remove(type);
            circle.add(type);
        } while (!type.equals(first));
        if (circle.size() > 1) {
            String pkg = first.substring(0, first.lastIndexOf('.'));
            byPackage.computeIfAbsent(pkg, _ -> new ArrayList<>()).add(circle);
        }
    }

    /** Returns the largest circle of a package; empty if it has none. */
    Set<String> largestOf(String pkg) {
        return byPackage.getOrDefault(pkg, List.of()).stream()
                .max((one, other) -> Integer.compare(one.size(), other.size()))
                .orElse(Set.of());
    }

    List<Set<String>> all() {
        return byPackage.values().stream().flatMap(List::stream).toList();
    }
}
