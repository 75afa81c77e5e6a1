package dev.parley.cli.program;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds and runs the main method of a program, by the rules of the JDK's launcher (JLS 12.1.4, JEP 512). */
final class MainMethod {
    private final Method method;
    private final @Nullable Constructor<?> constructor;

    private MainMethod(Method method, @Nullable Constructor<?> constructor) {
        this.method = method;
        this.constructor = constructor;
    }

    static ProgramException missing(Path file) {
        return new ProgramException(
                file + " has no main to start with; write 'void main() { ... }' or 'void main(String[] args) { ... }'");
    }

    /** Finds the main method. A main method with arguments takes precedence over one without arguments. */
    static MainMethod of(Path file, Class<?> type) throws ProgramException {
        Method method = find(type, String[].class);
        if (method == null) {
            method = find(type);
        }
        if (method == null) {
            throw missing(file);
        }
        method.setAccessible(true);
        if (Modifier.isStatic(method.getModifiers())) {
            return new MainMethod(method, null);
        }
        return new MainMethod(method, constructorOf(file, type));
    }

    private static @Nullable Method find(Class<?> type, Class<?>... parameters) {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (isMain(method) && Arrays.equals(method.getParameterTypes(), parameters)) {
                    return method;
                }
            }
        }
        return null;
    }

    private static boolean isMain(Method method) {
        return method.getName().equals("main")
                && method.getReturnType() == void.class
                && !Modifier.isPrivate(method.getModifiers());
    }

    private static Constructor<?> constructorOf(Path file, Class<?> type) throws ProgramException {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            boolean usable = constructor.getParameterCount() == 0 && !Modifier.isPrivate(constructor.getModifiers());
            if (usable && !Modifier.isAbstract(type.getModifiers())) {
                constructor.setAccessible(true);
                return constructor;
            }
        }
        throw new ProgramException(file + ": main is not static, and " + type.getSimpleName()
                + " cannot be made without arguments; write 'static void main'");
    }

    /** Runs the method. Sets the context class loader of the thread to the program's own class loader. */
    void run(List<String> args) throws Throwable {
        Thread.currentThread().setContextClassLoader(method.getDeclaringClass().getClassLoader());
        Object[] given = method.getParameterCount() == 0 ? new Object[0] : new Object[] {args.toArray(String[]::new)};
        try {
            Object self = constructor == null ? null : constructor.newInstance();
            method.invoke(self, given);
        } catch (InvocationTargetException e) {
            throw withOwnFramesAlone(Objects.requireNonNull(e.getCause()));
        }
    }

    /** Removes the stack frames below the program's main method, since they only show how the program was started. */
    private Throwable withOwnFramesAlone(Throwable thrown) {
        var seen = new HashSet<Throwable>();
        for (Throwable at = thrown; at != null && seen.add(at); at = at.getCause()) {
            at.setStackTrace(ownFrames(at.getStackTrace()));
        }
        return thrown;
    }

    /**
     * Returns the frames down to the main method. A stack without the main method is that of another thread, and is
     * returned unchanged.
     */
    private StackTraceElement[] ownFrames(StackTraceElement[] frames) {
        String own = method.getDeclaringClass().getName();
        for (int last = frames.length - 1; last >= 0; last--) {
            if (frames[last].getClassName().equals(own)) {
                return Arrays.copyOf(frames, last + 1);
            }
        }
        return frames;
    }
}
