import io.agentscope.core.message.ToolResultBlock;
import io.agentscope.core.tool.Tool;
import io.agentscope.core.tool.ToolBase;
import io.agentscope.core.tool.ToolCallParam;
import io.agentscope.core.tool.ToolParam;
import io.agentscope.core.tool.Toolkit;
import io.agentscope.core.tool.ToolkitConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import loopmark.Hello;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Synthetic;
import reactor.core.publisher.Mono;

/** The tools that a scenario offers. */
final class Tools {
    private Tools() {}

    /** Each is an object with one {@code @Tool} method: a toolkit takes all such methods of an object. */
    static Toolkit offered(Hello.Task task, Papers papers) {
        Map<String, Object> known = byName(papers);
        for (Hello.Tool tool : task.tools()) {
            OptionalInt section = Synthetic.sectionOf(tool.name());
            if (section.isPresent()) {
                known.put(tool.name(), new LookUp(tool.name(), section.getAsInt()));
            }
        }
        Toolkit toolkit = toolkit();
        task.offered(known).forEach(toolkit::registerTool);
        return toolkit;
    }

    private static Toolkit toolkit() {
        boolean isParallel = "parallel".equals(System.getenv("LOOPMARK_TOOLS"));
        return isParallel ? new Toolkit(ToolkitConfig.builder().parallel(true).build()) : new Toolkit();
    }

    /** All tools but the lookups, by their names. */
    private static Map<String, Object> byName(Papers papers) {
        Map<String, Object> tools = new LinkedHashMap<>();
        tools.put("search_papers", new SearchPapers(papers));
        tools.put("read_paper", new ReadPaper(papers));
        tools.put("word_count", new WordCount());
        tools.put("wait", new Wait());
        tools.put("block", new Block());
        tools.put("compute", new Compute());
        tools.put("payload", new Payload());
        tools.put("tally", new Tally());
        tools.put("fail", new Fail());
        return tools;
    }

    record SearchPapers(Papers papers) {
        @Tool(
                name = "search_papers",
                description = "Search the library for papers whose title or abstract contains the query.")
        Map<String, Object> searchPapers(
                @ToolParam(name = "query", description = "The text to look for.") String query,
                @ToolParam(name = "limit", description = "The maximum number of papers.") int limit) {
            return papers.searchPapers(query, limit);
        }
    }

    record ReadPaper(Papers papers) {
        @Tool(
                name = "read_paper",
                description = "Read one paper of the library: its authors, year and abstract.")
        Map<String, Object> readPaper(@ToolParam(name = "id", description = "The paper's id.") String id) {
            return papers.readPaper(id);
        }
    }

    record WordCount() {
        @Tool(name = "word_count", description = "Count the words of a text.")
        int wordCount(@ToolParam(name = "text", description = "The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    record Wait() {
        @Tool(name = "wait", description = "Wait for something else for some milliseconds.")
        Map<String, Object> waitFor(@ToolParam(name = "ms", description = "How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }
    }

    record Block() {
        @Tool(description = "Block the calling thread for some milliseconds.")
        Map<String, Object> block(@ToolParam(name = "ms", description = "How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }
    }

    record Compute() {
        @Tool(description = "Compute for some milliseconds.")
        Map<String, Object> compute(
                @ToolParam(name = "ms", description = "How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }
    }

    record Payload() {
        @Tool(description = "Return a text of some length.")
        Map<String, Object> payload(@ToolParam(name = "bytes", description = "How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }
    }

    record Tally() {
        @Tool(description = "Count the items of a list.")
        Map<String, Object> tally(
                @ToolParam(name = "items", description = "The items.") List<String> items,
                @ToolParam(name = "unit", description = "What an item is.") String unit) {
            return Synthetic.tally(items);
        }
    }

    record Fail() {
        @Tool(description = "Fail with a message.")
        Map<String, Object> fail(@ToolParam(name = "message", description = "The message.") String message) {
            return Synthetic.fail(message);
        }
    }

    /** A tool whose name is known only at run time, so that no annotation can have it. */
    private static final class LookUp extends ToolBase {
        private final int section;

        LookUp(String name, int section) {
            super(
                    ToolBase.builder()
                            .name(name)
                            .description("Look a topic up in section " + section + " of the handbook.")
                            .inputSchema(
                                    Map.of(
                                            "type",
                                            "object",
                                            "properties",
                                            Map.of(
                                                    "topic",
                                                    argument("string", "The topic to look for."),
                                                    "limit",
                                                    argument("integer", "The maximum number of entries.")),
                                            "required",
                                            List.of("topic", "limit")))
                            .concurrencySafe(true));
            this.section = section;
        }

        private static Map<String, Object> argument(String type, String description) {
            return Map.of("type", type, "description", description);
        }

        @Override
        public Mono<ToolResultBlock> callAsync(ToolCallParam call) {
            String topic = (String) call.getInput().get("topic");
            int limit = ((Number) call.getInput().get("limit")).intValue();
            return Mono.fromCallable(
                    () -> ToolResultBlock.text(Json.write(Synthetic.lookUp(section, topic, limit))));
        }
    }
}
