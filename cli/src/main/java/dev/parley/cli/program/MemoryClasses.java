package dev.parley.cli.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import org.jspecify.annotations.Nullable;

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
            return new Loader(classes, ClusterJars.loader()).loadClass(className);
        } catch (IOException e) {
            throw new ProgramException("cannot read the modules for brokers of this package: " + e.getMessage(), e);
        } catch (ClassNotFoundException | LinkageError | SecurityException e) {
            throw new ProgramException("cannot load the class " + className + ": " + e.getMessage(), e);
        }
    }

    /**
     * Loads classes. If a compiled class and a class on the class path have the same name, it loads the compiled class,
     * since the author means the class in the source file. What neither has may be in the jars for brokers: so {@code
     * Cluster.connect} finds them in a package, by {@link java.util.ServiceLoader} and the thread's own class loader.
     */
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> classes;
        private final @Nullable URLClassLoader jars;

        Loader(Map<String, byte[]> classes, @Nullable URLClassLoader jars) {
            super(MemoryClasses.class.getClassLoader());
            this.classes = classes;
            this.jars = jars;
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
            if (bytes != null) {
                return defineClass(name, bytes, 0, bytes.length);
            }
            if (jars != null) {
                return jars.loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }

        @Override
        protected @Nullable URL findResource(String name) {
            return jars == null ? null : jars.findResource(name);
        }

        @Override
        protected Enumeration<URL> findResources(String name) throws IOException {
            return jars == null ? Collections.emptyEnumeration() : jars.findResources(name);
        }
    }
}
