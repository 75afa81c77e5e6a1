package dev.parley.tests.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that comments, messages and pages contain none of the phrases that stop a reader who does not know this code.
 * In this file an underscore is the space between two words, so that the file does not break its own rule.
 */
class PlainEnglishTest {
    /** Regular expressions; the sentences of {@link #goodEnglishPasses} show what each of them lets through. */
    private static final List<String> BANNED = List.of(
            "told_of",
            "tells?_(?:only_)?of",
            "(?:is|are|was|were)_told_as",
            "(?:needs?|wants?|has|have)_to_be_told",
            "hears?_of_(?:a|the|each|all|its|their|what)",
            "(?<!\\w)(?-i:Who)_(?!else)[a-z]+s",
            "whoever",
            "newcomers?",
            "somebody",
            "nobody",
            "goodbyes?",
            "such_a_one",
            "so_as_it",
            "the_own_of",
            "(?<!there_)(?:is|are|was|were)_none",
            "(?<!there_)(?:is|are|was|were)_no_(?!longer|more|less|fewer|\\w+er_than)\\w+",
            "(?<!(?:can|could|may|might|must|not|should|to|will|would)_)be_it",
            "(?:connections?|clients?|peers?|listeners?)_(?:that_)?stands?(?!_(?:still|for|up))");

    /** Matches at most one end of a line: an empty line ends the paragraph. A lookbehind needs the bounds. */
    private static final String SPACE = "(?:[ \\t]{1,60}|[ \\t]{0,60}\\n[ \\t]{0,60})";

    private static final Pattern PHRASE =
            Pattern.compile("\\b(?:" + spaced(String.join("|", BANNED), SPACE) + ")\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern COMMENT_OR_LITERAL = Pattern.compile("(?s)(?<comment>/\\*.*?\\*/|//[^\\n]*)"
            + "|(?<literal>\"\"\".*?(?<!\\\\)\"\"\"|\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+\")|'\\\\?.[^'\\n]*'");

    private static final Pattern MARGIN = Pattern.compile("(?m)/\\*\\*?|\\*/|^[ \\t]*(?:\\*|//)|//");

    /** A Javadoc that begins with a question word names neither the thing that it describes nor what it does. */
    private static final Pattern QUESTION =
            Pattern.compile("/\\*\\*[\\s*]*(?:What|How|Whether|Who|Whom|Which|Where|Of)\\b.*");

    private static final Pattern FENCED = Pattern.compile("(?ms)^[ \\t]*```.*?^[ \\t]*```");

    /** Replaces code, which no phrase may span. */
    private static final String NO_PROSE = "\0";

    private static String spaced(String phrase, String space) {
        return phrase.replace("_", space);
    }

    @Test
    void commentsAndMessagesAreInPlainEnglish() throws IOException {
        var found = new ArrayList<String>();
        for (Path source : SourceFiles.endingWith(".java")) {
            found.addAll(phrases(source, proseOfJava(Files.readString(source))));
        }
        assertThat(found).isEmpty();
    }

    @Test
    void pagesAreInPlainEnglish() throws IOException {
        var found = new ArrayList<String>();
        for (Path page : SourceFiles.endingWith(".md")) {
            if (!page.endsWith("CHANGELOG.md")) { // it says what older versions said
                found.addAll(phrases(page, proseOfPage(Files.readString(page))));
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void noJavadocOpensWithAQuestionWord() throws IOException {
        var found = new ArrayList<String>();
        for (Path source : SourceFiles.endingWith(".java")) {
            String text = Files.readString(source);
            QUESTION.matcher(text)
                    .results()
                    .map(opening -> source + ":" + lineOf(text, opening.start()) + ": " + opening.group())
                    .forEach(found::add);
        }
        assertThat(found).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "it_was_told_of_the_end",
                "this_tells_only_of_the_end",
                "an_end_that_is_told_as_a_truncation",
                "the_other_side_has_to_be_told",
                "the_loop_hears_of_the_end",
                "Who_asks_waits",
                "Whoever_asks",
                "two_newcomers",
                "nobody's_fault",
                "it_is_none",
                "what_is\nno_number",
                "be_it_one_or_two",
                "a_connection_that_stands"
            })
    void bannedPhrasesAreFound(String text) {
        String sentence = spaced(text, " ");
        assertThat(phrases(SourceFiles.ROOT, proseOfPage(sentence))).hasSize(1);
        assertThat(phrases(SourceFiles.ROOT, proseOfJava("int x; // " + sentence.replace("\n", "\n// "))))
                .hasSize(1);
        assertThat(phrases(SourceFiles.ROOT, proseOfJava("/**\n * " + sentence.replace("\n", "\n * ") + "\n */")))
                .hasSize(1);
        assertThat(phrases(SourceFiles.ROOT, proseOfJava("say(\"So " + sentence.replace("\n", " \"\n + \"") + "\");")))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "there_is_no_number",
                "if_there_were\nnone",
                "it_is_no_longer_needed",
                "it_is_no_larger_than_that",
                "this_may_be_it",
                "no_one_waits",
                "a_connection_stands_still",
                "port_0_stands_for_a_free_one",
                "as_it_is\n\nNo_number",
                "```\nnobody\n```"
            })
    void goodEnglishPasses(String text) {
        assertThat(phrases(SourceFiles.ROOT, proseOfPage(spaced(text, " ")))).isEmpty();
    }

    /** A literal without a space is a name, and code ends a sentence. */
    @ParameterizedTest
    @ValueSource(
            strings = {"user(\"nobody\")", "nobody_=_1;", "say(\"it_is\",_\"no_user\")", "say('\"',_nobody,_'\"')"})
    void codeIsNotProse(String code) {
        assertThat(phrases(SourceFiles.ROOT, proseOfJava(spaced(code, " ")))).isEmpty();
    }

    /** Returns file, line and phrase of each one. */
    private static List<String> phrases(Path file, String prose) {
        return PHRASE.matcher(prose)
                .results()
                .map(phrase -> file + ":" + lineOf(prose, phrase.start()) + ": "
                        + phrase.group().replaceAll("\\s+", " "))
                .toList();
    }

    private static long lineOf(String text, int offset) {
        return 1
                + text.substring(0, offset).chars().filter(each -> each == '\n').count();
    }

    private static String proseOfPage(String page) {
        return FENCED.matcher(page).replaceAll(block -> Matcher.quoteReplacement(without(block.group())));
    }

    /** Returns the comments and messages of a source, each at its place; the parts of a message are joined. */
    private static String proseOfJava(String source) {
        var prose = new StringBuilder();
        int end = 0;
        Matcher matcher = COMMENT_OR_LITERAL.matcher(source);
        while (matcher.find()) {
            prose.append(without(source.substring(end, matcher.start()).replace('+', ' ')));
            prose.append(proseOf(matcher));
            end = matcher.end();
        }
        return prose.append(without(source.substring(end))).toString();
    }

    private static String proseOf(MatchResult part) {
        String comment = part.group("comment");
        if (comment != null) {
            return MARGIN.matcher(comment)
                    .replaceAll(margin -> " ".repeat(margin.group().length()));
        }
        String literal = part.group("literal");
        return literal != null && literal.contains(" ") ? literal.replace('"', ' ') : without(part.group());
    }

    private static String without(String code) {
        return code.replaceAll("\\S", NO_PROSE);
    }
}
