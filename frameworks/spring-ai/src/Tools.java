import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import loopmark.Agent;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.annotation.ToolParam;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** The tools that a scenario offers. */
final class Tools {
    private Tools() {}

    /** Each is an object with one {@code @Tool} method, or a callback where the name is known only at run time. */
    static List<Object> offered(Hello.Task task, Papers papers) {
        Map<String, Object> known = byName(papers);
        for (Hello.Tool tool : task.tools()) {
            OptionalInt section = Synthetic.sectionOf(tool.name());
            if (section.isPresent()) {
                known.put(tool.name(), lookUp(tool.name(), section.getAsInt()));
            }
        }
        return task.offered(known);
    }

    /** The tools, and an agent that can be handed over to. */
    static List<Object> and(List<Object> tools, Hello.Handoff handoff, Agent agent) {
        List<Object> all = new ArrayList<>(tools);
        all.add(handOver(handoff, agent));
        return all;
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
                @ToolParam(description = "The text to look for.") String query,
                @ToolParam(description = "The maximum number of papers.") int limit) {
            return papers.searchPapers(query, limit);
        }
    }

    record ReadPaper(Papers papers) {
        @Tool(
                name = "read_paper",
                description = "Read one paper of the library: its authors, year and abstract.")
        Map<String, Object> readPaper(@ToolParam(description = "The paper's id.") String id) {
            return papers.readPaper(id);
        }
    }

    record WordCount() {
        @Tool(name = "word_count", description = "Count the words of a text.")
        int wordCount(@ToolParam(description = "The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    record Wait() {
        @Tool(name = "wait", description = "Wait for something else for some milliseconds.")
        Map<String, Object> waitFor(@ToolParam(description = "How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }
    }

    record Block() {
        @Tool(description = "Block the calling thread for some milliseconds.")
        Map<String, Object> block(@ToolParam(description = "How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }
    }

    record Compute() {
        @Tool(description = "Compute for some milliseconds.")
        Map<String, Object> compute(@ToolParam(description = "How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }
    }

    record Payload() {
        @Tool(description = "Return a text of some length.")
        Map<String, Object> payload(@ToolParam(description = "How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }
    }

    record Tally() {
        @Tool(description = "Count the items of a list.")
        Map<String, Object> tally(
                @ToolParam(description = "The items.") List<String> items,
                @ToolParam(description = "What an item is.") String unit) {
            return Synthetic.tally(items);
        }
    }

    record Fail() {
        @Tool(description = "Fail with a message.")
        Map<String, Object> fail(@ToolParam(description = "The message.") String message) {
            return Synthetic.fail(message);
        }
    }

    record Topic(
            @ToolParam(description = "The topic to look for.") String topic,
            @ToolParam(description = "The maximum number of entries.") int limit) {}

    private static ToolCallback lookUp(String name, int section) {
        Function<Topic, Map<String, Object>> lookUp =
                topic -> Synthetic.lookUp(section, topic.topic(), topic.limit());
        return FunctionToolCallback.builder(name, lookUp)
                .description("Look a topic up in section " + section + " of the handbook.")
                .inputType(Topic.class)
                .build();
    }

    record Job(@ToolParam(description = "What to do.") String task) {}

    private static ToolCallback handOver(Hello.Handoff handoff, Agent agent) {
        Function<Job, String> handOver =
                job -> {
                    try {
                        return agent.run(job.task());
                    } catch (Exception error) {
                        throw new IllegalStateException(error);
                    }
                };
        return FunctionToolCallback.builder(handoff.name(), handOver)
                .description(handoff.description())
                .inputType(Job.class)
                .build();
    }
}
