import com.google.adk.tools.Annotations.Schema;
import com.google.adk.tools.BaseTool;
import com.google.adk.tools.FunctionTool;
import com.google.adk.tools.ToolContext;
import com.google.genai.types.FunctionDeclaration;
import io.reactivex.rxjava3.core.Single;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;

/** The tools that a scenario offers. */
final class Tools {
    private Tools() {}

    static List<BaseTool> offered(Hello.Task task, Papers papers) {
        Map<String, BaseTool> known = byName(papers);
        for (Hello.Tool tool : task.tools()) {
            OptionalInt section = Synthetic.sectionOf(tool.name());
            if (section.isPresent()) {
                known.put(tool.name(), new LookUp(tool.name(), section.getAsInt()));
            }
        }
        return task.offered(known);
    }

    /** All tools but the lookups, by their names. */
    private static Map<String, BaseTool> byName(Papers papers) {
        Map<String, BaseTool> tools = new LinkedHashMap<>();
        tools.put("search_papers", FunctionTool.create(new LibraryTools(papers), "searchPapers"));
        tools.put("read_paper", FunctionTool.create(new LibraryTools(papers), "readPaper"));
        tools.put("word_count", FunctionTool.create(LibraryTools.class, "wordCount"));
        tools.put("wait", FunctionTool.create(SyntheticTools.class, "waitFor"));
        tools.put("block", FunctionTool.create(SyntheticTools.class, "block"));
        tools.put("compute", FunctionTool.create(SyntheticTools.class, "compute"));
        tools.put("payload", FunctionTool.create(SyntheticTools.class, "payload"));
        tools.put("tally", FunctionTool.create(SyntheticTools.class, "tally"));
        tools.put("fail", FunctionTool.create(SyntheticTools.class, "fail"));
        return tools;
    }

    public record LibraryTools(Papers papers) {
        @Schema(
                name = "search_papers",
                description = "Search the library for papers whose title or abstract contains the query.")
        public Map<String, Object> searchPapers(
                @Schema(name = "query", description = "The text to look for.") String query,
                @Schema(name = "limit", description = "The maximum number of papers.") int limit) {
            return papers.searchPapers(query, limit);
        }

        @Schema(
                name = "read_paper",
                description = "Read one paper of the library: its authors, year and abstract.")
        public Map<String, Object> readPaper(@Schema(name = "id", description = "The paper's id.") String id) {
            return papers.readPaper(id);
        }

        @Schema(name = "word_count", description = "Count the words of a text.")
        public static int wordCount(@Schema(name = "text", description = "The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    public static final class SyntheticTools {
        private SyntheticTools() {}

        @Schema(name = "wait", description = "Wait for something else for some milliseconds.")
        public static Map<String, Object> waitFor(
                @Schema(name = "ms", description = "How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }

        @Schema(name = "block", description = "Block the calling thread for some milliseconds.")
        public static Map<String, Object> block(@Schema(name = "ms", description = "How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }

        @Schema(name = "compute", description = "Compute for some milliseconds.")
        public static Map<String, Object> compute(
                @Schema(name = "ms", description = "How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }

        @Schema(name = "payload", description = "Return a text of some length.")
        public static Map<String, Object> payload(
                @Schema(name = "bytes", description = "How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }

        @Schema(name = "tally", description = "Count the items of a list.")
        public static Map<String, Object> tally(
                @Schema(name = "items", description = "The items.") List<String> items,
                @Schema(name = "unit", description = "What an item is.") String unit) {
            return Synthetic.tally(items);
        }

        @Schema(name = "fail", description = "Fail with a message.")
        public static Map<String, Object> fail(@Schema(name = "message", description = "The message.") String message) {
            return Synthetic.fail(message);
        }
    }

    /** A tool whose name is known only at run time, so that no annotation can have it. */
    private static final class LookUp extends BaseTool {
        private final int section;

        LookUp(String name, int section) {
            super(name, "Look a topic up in section " + section + " of the handbook.");
            this.section = section;
        }

        @Override
        public Optional<FunctionDeclaration> declaration() {
            return Optional.of(
                    FunctionDeclaration.builder()
                            .name(name())
                            .description(description())
                            .parameters(
                                    com.google.genai.types.Schema.builder()
                                            .type("OBJECT")
                                            .properties(
                                                    Map.of(
                                                            "topic",
                                                            argument("STRING", "The topic to look for."),
                                                            "limit",
                                                            argument("INTEGER", "The maximum number of entries.")))
                                            .required("topic", "limit")
                                            .build())
                            .build());
        }

        private static com.google.genai.types.Schema argument(String type, String description) {
            return com.google.genai.types.Schema.builder().type(type).description(description).build();
        }

        @Override
        public Single<Map<String, Object>> runAsync(Map<String, Object> arguments, ToolContext context) {
            String topic = (String) arguments.get("topic");
            int limit = ((Number) arguments.get("limit")).intValue();
            return Single.fromCallable(() -> Synthetic.lookUp(section, topic, limit));
        }
    }
}
