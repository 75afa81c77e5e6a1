package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Server;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the scripts of {@code parley completion}, in the shells themselves. */
@Timeout(300)
class ShellCompletionTest {
    private static final Path SCRIPTS =
            MadePackages.CHECKOUT.resolve("cli/src/main/resources/dev/parley/cli/completion");

    @TempDir
    private Path directory;

    private Map<String, String> environment = Map.of();

    /** Puts a command parley into the path that runs this checkout's, from the classes of the tests. */
    @BeforeEach
    void makeCommand() throws IOException {
        Path command = Files.writeString(
                directory.resolve("parley"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home") + "/bin/java' -XX:TieredStopAtLevel=1 -cp '"
                        + System.getProperty("java.class.path") + "' dev.parley.cli.Parley \"$@\"\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment = Map.of("PATH", directory + ":/usr/bin:/bin", "HOME", directory.toString(), "LC_ALL", "C.UTF-8");
    }

    private List<String> bash(String line) throws Exception {
        return bash(line, "");
    }

    /** Completes a line, after a command that the user has in his settings. */
    private List<String> bash(String line, String before) throws Exception {
        assumeTrue(Usable.isInstalled("bash"), "bash is not installed");
        String script = before + " compopt() { echo \"compopt $*\"; }; source '" + SCRIPTS.resolve("parley.bash")
                + "'; COMP_LINE=$1; COMP_POINT=${#COMP_LINE};"
                // as readline cuts a line at the default COMP_WORDBREAKS
                + " mapfile -t COMP_WORDS < <(grep -oE '(\\\\.|[^ \t:=])+|[:=]+' <<<\"$COMP_LINE\");"
                + " [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('');"
                + " COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _parley; printf '%s\\n' \"${COMPREPLY[@]}\"";
        return MadePackages.run(directory, environment, "bash", "-c", script, "bash", line)
                .out()
                .lines()
                .toList();
    }

    @Test
    void bashCompletesCommandsOptionsAndFiles() throws Exception {
        assertThat(bash("parley ec")).containsExactly("echo");
        assertThat(bash("parley echo ")).containsExactly("server", "client");
        assertThat(bash("./parley  echo   cl")).containsExactly("client");
        assertThat(bash("parley wait --ti")).containsExactly("compopt -o nospace", "--timeout=");
        assertThat(bash("parley new x --kind=l")).containsExactly("line");
        assertThat(bash("parley run ")).contains("compopt -o default");
    }

    @Test
    void bashCompletesWhatIsBehindAColon() throws Exception {
        try (var server = Server.builder()
                .on("greet", request -> request)
                .on("grumble", request -> request)
                .listen("tcp://localhost:0")) {
            assertThat(bash("parley echo client tcp://l")).containsExactly("//localhost:65432");
            assertThat(bash("parley call " + server.address() + " gr")).containsExactly("greet", "grumble");
        }
    }

    /** The shell would run the command in such a name as soon as the user presses Enter. */
    @Test
    void bashInsertsTheNameOfAFileQuoted() throws Exception {
        for (String name : List.of("d$(id>x)", "e'e", "f f", "g;id", "h\nid", "i.json", "k!k", "ü.json")) {
            Files.createFile(directory.resolve(name));
        }
        assertThat(bash("parley call tcp://localhost:1 a @"))
                .contains("@d\\$\\(id\\>x\\)", "@e\\'e", "@f\\ f", "@g\\;id", "@i.json", "@ü.json")
                .noneMatch(word -> word.startsWith("@h"));
        assertThat(bash("parley call tcp://localhost:1 a '@e")).containsExactly("@e'\\''e");
        assertThat(bash("parley call tcp://localhost:1 a \"@d")).containsExactly("@d\\$(id>x)");
        assertThat(bash("parley call tcp://localhost:1 a @k")).containsExactly("@k\\!k");
        assertThat(bash("parley call tcp://localhost:1 a '@k")).containsExactly("@k!k");
        assertThat(bash("parley call tcp://localhost:1 a \"@k"))
                .as("which bash would expand")
                .containsExactly("");
        assertThat(bash("parley call tcp://localhost:1 a @f\\ ")).containsExactly("@f\\ f");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    @Test
    void bashReadsQuotedWordsAsTheShellDoes() throws Exception {
        String before = "parley call --header 'authorization=Bearer x' --header=\"a=b \\\" c\" --header x=\\ y ";
        try (var server = Server.builder().on("greet", request -> request).listen("tcp://localhost:0")) {
            assertThat(bash(before + server.address() + " gr")).containsExactly("greet");
        }
        assertThat(bash("parley new 'a b' --kind=l")).containsExactly("line");
        assertThat(bash("parley echo client 'tcp://l")).containsExactly("tcp://localhost:65432");
    }

    /** The setting is usual among people who complete names with colons. */
    @Test
    void bashMayNotCutWordsAtColons() throws Exception {
        String setting = "COMP_WORDBREAKS=' \t='; ";
        assertThat(bash("parley new x --kind=l", setting)).containsExactly("line");
        assertThat(bash("parley echo client tcp://l", setting)).containsExactly("tcp://localhost:65432");
    }

    /** The line names the command itself by a path that the shell reads quoted. */
    @Test
    void theCommandMayLieInADirectoryWithABlank() throws Exception {
        Path place = Files.createDirectory(directory.resolve("my dir"));
        Files.copy(directory.resolve("parley"), place.resolve("parley"), StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(bash("./my\\ dir/parley ec")).containsExactly("echo");
        assertThat(bash("~/my\\ dir/parley echo cl")).containsExactly("client");
        assertThat(fish("./my\\ dir/parley ec")).singleElement().asString().startsWith("echo\t");
        assertThat(fish("'./my dir/parley' ec")).singleElement().asString().startsWith("echo\t");
        assertThat(zsh("./my\\ dir/parley wait --ti\t", "--timeout=")).contains("--timeout=");
    }

    @Test
    void actionsAreCompletedOverTlsAndWithAHeader() throws Exception {
        try (var server = Server.builder()
                .tls(TestCertificates.ofBothSides())
                .on("greet", request -> request)
                .listen("tls://localhost:0")) {
            String call = "parley call --header authorization='Bearer a b' --tls-ca " + TestCertificates.certificate()
                    + " " + server.address() + " gr";
            assertThat(bash(call)).containsExactly("greet");
            assertThat(fish(call)).singleElement().asString().startsWith("greet\t");
        }
    }

    @Test
    void filesAreCompletedBehindAnEqualsSign() throws Exception {
        Files.createFile(directory.resolve("certificate.pem"));
        assertThat(fish("parley echo server --tls-cert=cert")).containsExactly("--tls-cert=certificate.pem");
        assertThat(fish("parley echo server --tls-cert cert")).containsExactly("certificate.pem");
        assertThat(fish("~/parley ec")).singleElement().asString().startsWith("echo\t");
    }

    @Test
    void fishCompletesWithDescriptions() throws Exception {
        assumeTrue(Usable.isInstalled("fish"), "fish is not installed");
        try (var server = Server.builder().on("greet", request -> request).listen("tcp://localhost:0")) {
            assertThat(fish("parley ec")).singleElement().asString().startsWith("echo\tIteration 1");
            assertThat(fish("parley wait --ti")).singleElement().asString().startsWith("--timeout=\t");
            assertThat(fish("parley call " + server.address() + " g"))
                    .containsExactly("greet\tgreet(Message): Message");
        }
    }

    @Test
    void fishFindsFilesWhoseNamesNeedQuotes() throws Exception {
        for (String name : List.of("e'e", "f f", "i.json")) {
            Files.createFile(directory.resolve(name));
        }
        assertThat(fish("parley call tcp://localhost:1 a @f\\ ")).containsExactly("@f f");
        assertThat(fish("parley call tcp://localhost:1 a '@f ")).containsExactly("@f f");
        assertThat(fish("parley call tcp://localhost:1 a \"@e")).containsExactly("@e'e");
        assertThat(fish("parley call tcp://localhost:1 a @i")).containsExactly("@i.json");
        assertThat(fish("parley echo server --tls-cert=f\\ ")).containsExactly("--tls-cert=f f");
    }

    private List<String> fish(String line) throws Exception {
        assumeTrue(Usable.isInstalled("fish"), "fish is not installed");
        String script = "source '" + SCRIPTS.resolve("parley.fish") + "'; complete -C $argv[1]";
        return MadePackages.run(directory, environment, "fish", "--no-config", "-c", script, line)
                .out()
                .lines()
                .toList();
    }

    @Test
    void zshCompletes() throws Exception {
        assertThat(zsh("parley echo s\t--port-\t", "file=")).containsPattern("echo server +--port-file=");
    }

    @Test
    void zshCompletesActionsColonsAndQuotedWords() throws Exception {
        try (var server = Server.builder()
                .on("greet", request -> request)
                .on("grumble", request -> request)
                .listen("tcp://localhost:0")) {
            assertThat(zsh("parley call " + server.address() + " g\t\t", "grumble"))
                    .contains("greet", "grumble");
            assertThat(zsh("parley call --header 'authorization=Bearer x' " + server.address() + " gre\t", "greet "))
                    .contains("greet ");
        }
        assertThat(zsh("parley echo client tcp://l\t", "localhost:65432")).contains("tcp://localhost:65432");
        assertThat(zsh("parley new 'a b' --kind=l\t", "line")).contains("--kind=line");
        Files.createFile(directory.resolve("z z"));
        assertThat(zsh("parley call tcp://localhost:1 a @z\t", "\\ z")).contains("@z\\ z");
    }

    /** Returns what a terminal shows after these keys, as soon as it has what is expected there, or 20 s later. */
    private String zsh(String keys, String expected) throws Exception {
        assumeTrue(Usable.isInstalled("zsh"), "zsh is not installed");
        Path functions = Files.createDirectories(directory.resolve("functions"));
        Files.copy(SCRIPTS.resolve("parley.zsh"), functions.resolve("_parley"), StandardCopyOption.REPLACE_EXISTING);
        // The prompt comes when the settings are made: before it, the terminal itself would show the keys.
        String script = "zmodload zsh/zpty; zpty z zsh -f -i; w() { zpty -w z \"$1\" }; "
                + "w 'fpath=(" + functions + " $fpath); autoload -Uz compinit; compinit -u -D'; "
                + "w 'zstyle \":completion:*\" list-separator \" IS \"; LISTMAX=0; stty columns 200'; "
                + "w \"PS1=REA''DY\"; "
                + "r() { for i in {1..200}; do sleep 0.1; zpty -r -t z got && all+=$got; "
                + "[[ $all == *$1* ]] && break; done }; "
                + "r READY; all=; zpty -w -n z \"$1\"; r \"$2\"; print -r -- $all; zpty -d z";
        String shown = MadePackages.run(directory, environment, "zsh", "-f", "-c", script, "zsh", keys, expected)
                .out();
        return shown.replaceAll("\033\\[[0-9;?]*[A-Za-z]", "").replaceAll("[^\\x20-\\x7e]", "");
    }
}
