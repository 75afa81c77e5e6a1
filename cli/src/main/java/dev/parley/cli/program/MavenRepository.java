package dev.parley.cli.program;

import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The local Maven repository, where Maven and Gradle look for libraries before they fetch them. */
final class MavenRepository {
    private static final Pattern OPTION = Pattern.compile("-Dmaven\\.repo\\.local=(\\S+)");
    private static final Pattern SETTING = Pattern.compile("<localRepository>([^<]+)</localRepository>");
    private static final Pattern COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);

    private MavenRepository() {}

    /**
     * Returns the place that Maven would use: that of the option {@code maven.repo.local} in {@code MAVEN_ARGS} or
     * {@code MAVEN_OPTS}, else that of the user's settings, else {@code ~/.m2/repository}.
     *
     * @param environment the environment of this process
     * @throws FileFailedException if the user has no home directory, and the option is not there
     */
    static Path local(Map<String, String> environment) throws FileFailedException {
        for (String variable : new String[] {"MAVEN_ARGS", "MAVEN_OPTS"}) {
            Matcher option = OPTION.matcher(environment.getOrDefault(variable, ""));
            if (option.find()) {
                return Path.of(option.group(1));
            }
        }
        String home = System.getProperty("user.home", ""); // Maven uses the JVM's too, which may differ from HOME
        if (!Path.of(home).isAbsolute()) { // a user without an entry in the system's list has the home '?'
            throw new FileFailedException(new IOException("this user has no home directory, where the local Maven"
                    + " repository is; name a directory with MAVEN_ARGS=-Dmaven.repo.local=DIR"));
        }
        Path configuration = Path.of(home, ".m2");
        Matcher setting = SETTING.matcher(settings(configuration.resolve("settings.xml")));
        if (setting.find()) {
            return Path.of(
                    setting.group(1).strip().replace("${user.home}", home).replace("${env.HOME}", home));
        }
        return configuration.resolve("repository");
    }

    /** Returns the settings without their comments; an empty text if there are none. */
    private static String settings(Path file) {
        try {
            return COMMENT.matcher(Files.readString(file)).replaceAll("");
        } catch (IOException none) {
            return "";
        }
    }
}
