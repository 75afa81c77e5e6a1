package dev.parley.cli.program;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the names in a new project, also if the user's name contains one of the template's. */
class ProjectTest {
    @ParameterizedTest
    @CsvSource({
        "word-count, word-count wordcount.WordCountServer",
        "my-projectname, my-projectname myprojectname.MyProjectnameServer",
        "project-name, project-name projectname.ProjectNameServer",
        "a-ProjectName, a-ProjectName aprojectname.AProjectNameServer"
    })
    void eachNameIsReplacedOnce(String name, String expected) throws Exception {
        var project = new Project(ProjectName.of(name), Project.Kind.RPC);
        assertThat(project.named("project-name projectname.ProjectNameServer")).isEqualTo(expected);
    }
}
