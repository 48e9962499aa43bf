package loopmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The tools of docs/TOOLS.md that read the scenario's papers, for runners to wrap in their framework's own idiom. */
public final class Papers {
    private static final List<String> ENTRY = List.of("id", "title", "authors", "year");

    /** Papers by their ids, in the file's order. */
    private final Map<String, Map<String, Object>> byId = new LinkedHashMap<>();

    /** Title and abstract of each paper by its id, in lower case. */
    private final Map<String, String> searchable = new LinkedHashMap<>();

    private Papers() {}

    /**
     * Reads the data file that the task names; a task without one has no papers.
     *
     * @throws IOException if the file can't be read
     */
    public static Papers load(Hello.Task task) throws IOException {
        Path file = task.data().get("papers");
        return file == null ? new Papers() : parse(Files.readString(file));
    }

    static Papers parse(String json) {
        Papers papers = new Papers();
        for (Object value : Fields.of("data file", Json.parse(json)).list("papers")) {
            Fields paper = Fields.of("paper", value);
            String text = paper.text("title") + " " + paper.text("abstract");
            papers.byId.put(paper.text("id"), paper.values());
            papers.searchable.put(paper.text("id"), text.toLowerCase(Locale.ROOT));
        }
        return papers;
    }

    /** The first {@code limit} papers whose title or abstract contains the query, case ignored. */
    public Map<String, Object> searchPapers(String query, int limit) {
        String wanted = query.toLowerCase(Locale.ROOT);
        List<Map<String, Object>> found = new ArrayList<>();
        boolean hasMore = false;
        for (Map.Entry<String, String> paper : searchable.entrySet()) {
            if (paper.getValue().contains(wanted)) {
                if (found.size() == limit) {
                    hasMore = true;
                    break;
                }
                found.add(entry(byId.get(paper.getKey())));
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("papers", found);
        result.put("more_pages", hasMore);
        return result;
    }

    private static Map<String, Object> entry(Map<String, Object> paper) {
        Map<String, Object> entry = new LinkedHashMap<>();
        ENTRY.forEach(field -> entry.put(field, paper.get(field)));
        return entry;
    }

    /**
     * The paper with this id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Map<String, Object> readPaper(String id) {
        Map<String, Object> paper = byId.get(id);
        if (paper == null) {
            throw new IllegalArgumentException("no paper has the id '" + id + "'");
        }
        return paper;
    }

    /** How many parts a text has when split at white space, empty parts not counted. */
    public static int wordCount(String text) {
        int words = 0;
        boolean isInWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isSpace = Character.isWhitespace(c) || Character.isSpaceChar(c);
            if (!isSpace && !isInWord) {
                words++;
            }
            isInWord = !isSpace;
        }
        return words;
    }
}
