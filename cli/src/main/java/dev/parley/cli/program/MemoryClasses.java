package dev.parley.cli.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;

/** Keeps the classes that the compiler writes in memory, and loads them. */
final class MemoryClasses extends ForwardingJavaFileManager<StandardJavaFileManager> {
    private final Map<String, ByteArrayOutputStream> compiled = new HashMap<>();

    MemoryClasses(StandardJavaFileManager files) {
        super(files);
    }

    void setLocation(JavaFileManager.Location location, Collection<Path> paths) throws IOException {
        fileManager.setLocationFromPaths(location, paths);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
            JavaFileManager.Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
        URI name = URI.create("memory:///" + className.replace('.', '/') + kind.extension);
        return new SimpleJavaFileObject(name, kind) {
            @Override
            public OutputStream openOutputStream() {
                var bytes = new ByteArrayOutputStream();
                compiled.put(className, bytes);
                return bytes;
            }
        };
    }

    /** Loads the compiled class with this name. */
    Class<?> load(String className) throws ProgramException {
        var classes = new HashMap<String, byte[]>();
        compiled.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        try {
            return new Loader(classes).loadClass(className);
        } catch (ClassNotFoundException | LinkageError | SecurityException e) {
            throw new ProgramException("cannot load the class " + className + ": " + e.getMessage(), e);
        }
    }

    /**
     * Loads classes. If a compiled class and a class on the class path have the same name, it loads the compiled class,
     * since the author means the class in the source file.
     */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes;

        Loader(Map<String, byte[]> classes) {
            super(MemoryClasses.class.getClassLoader());
            this.classes = classes;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!classes.containsKey(name)) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
