package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tools against hand-worked results; the cases are those of the harness's reference. */
class PapersTest {
    private static final String DATA =
            """
            {"papers": [
              {"id": "a", "title": "On Memory", "authors": ["X"], "year": 2001, "abstract": "short"},
              {"id": "b", "title": "Plans", "authors": [], "year": 2002, "abstract": "of memory and more"},
              {"id": "c", "title": "Other", "authors": ["Y", "Z"], "year": 2003, "abstract": "nothing"}
            ]}
            """;

    private final Papers papers = Papers.parse(DATA);

    @Test
    void a_search_ignores_case_keeps_the_order_and_says_if_there_is_more() {
        assertEquals(
                "{\"papers\":[{\"id\":\"a\",\"title\":\"On Memory\",\"authors\":[\"X\"],\"year\":2001}],"
                        + "\"more_pages\":true}",
                Json.write(papers.searchPapers("MEMORY", 1)));
        Map<String, Object> two = papers.searchPapers("memory", 2);
        assertEquals(List.of("a", "b"), ids(two));
        assertEquals(false, two.get("more_pages"));
        assertEquals(true, papers.searchPapers("memory", 0).get("more_pages"));
        assertEquals(List.of(), ids(papers.searchPapers("no such thing", 3)));
    }

    @Test
    void a_search_looks_at_title_and_abstract_as_one_text() {
        assertEquals(List.of("a"), ids(papers.searchPapers("memory short", 3)));
        assertEquals(List.of(), ids(papers.searchPapers("memoryshort", 3)));
    }

    private static List<Object> ids(Map<String, Object> found) {
        return ((List<?>) found.get("papers"))
                .stream().<Object>map(paper -> ((Map<?, ?>) paper).get("id")).toList();
    }

    @Test
    void reading_gives_the_whole_paper() {
        assertEquals(
                "{\"id\":\"c\",\"title\":\"Other\",\"authors\":[\"Y\",\"Z\"],\"year\":2003,"
                        + "\"abstract\":\"nothing\"}",
                Json.write(papers.readPaper("c")));
    }

    @Test
    void reading_an_unknown_paper_is_an_error() {
        Exception error = assertThrows(IllegalArgumentException.class, () -> papers.readPaper("z"));
        assertEquals("no paper has the id 'z'", error.getMessage());
    }

    @Test
    void words_are_the_parts_between_white_space() {
        assertEquals(3, Papers.wordCount(" a  bc\nd "));
        assertEquals(1, Papers.wordCount("word"));
        assertEquals(2, Papers.wordCount("two\u00a0words"));
        assertEquals(0, Papers.wordCount(""));
        assertEquals(0, Papers.wordCount(" \t"));
    }

    @Test
    void the_papers_come_from_the_scenarios_data_if_it_has_any(@TempDir Path folder)
            throws IOException {
        Path file = Files.writeString(folder.resolve("papers.json"), DATA);
        assertEquals("On Memory", Papers.load(task(Map.of("papers", file))).readPaper("a").get("title"));
        assertEquals(List.of(), ids(Papers.load(task(Map.of())).searchPapers("memory", 1)));
        Map<String, Path> missing = Map.of("papers", folder.resolve("none.json"));
        assertThrows(IOException.class, () -> Papers.load(task(missing)));
    }

    private static Hello.Task task(Map<String, Path> data) {
        return new Hello.Task("test", "", "", List.of(), data, 1);
    }
}
