import ai.koog.agents.core.tools.ToolRegistry;
import ai.koog.agents.core.tools.ToolRegistryBuilder;
import ai.koog.agents.core.tools.annotations.LLMDescription;
import ai.koog.agents.core.tools.annotations.Tool;
import ai.koog.agents.core.tools.reflect.ToolSet;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;

/** The tools that a scenario offers. */
final class Tools {
    private static final Method LOOK_UP = method(LookUp.class, "lookUp", String.class, int.class);

    private Tools() {}

    static ToolRegistry offered(Hello.Task task, Papers papers) {
        Map<String, Consumer<ToolRegistryBuilder>> known = new LinkedHashMap<>();
        byName(papers).forEach((name, tool) -> known.put(name, registry -> registry.tools(tool)));
        for (Hello.Tool tool : task.tools()) {
            OptionalInt section = Synthetic.sectionOf(tool.name());
            if (section.isPresent()) {
                LookUp lookUp = new LookUp(section.getAsInt());
                known.put(tool.name(), registry -> registry.tool(LOOK_UP, lookUp, tool.name(), lookUp.description()));
            }
        }
        ToolRegistryBuilder registry = ToolRegistry.builder();
        task.offered(known).forEach(tool -> tool.accept(registry));
        return registry.build();
    }

    /** All tools but the lookups, by their names. A tool set offers all its methods, so each tool is one of its own. */
    private static Map<String, ToolSet> byName(Papers papers) {
        Map<String, ToolSet> tools = new LinkedHashMap<>();
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

    public record SearchPapers(Papers papers) implements ToolSet {
        @Tool(customName = "search_papers")
        @LLMDescription("Search the library for papers whose title or abstract contains the query.")
        public Map<String, Object> searchPapers(
                @LLMDescription("The text to look for.") String query,
                @LLMDescription("The maximum number of papers.") int limit) {
            return papers.searchPapers(query, limit);
        }
    }

    public record ReadPaper(Papers papers) implements ToolSet {
        @Tool(customName = "read_paper")
        @LLMDescription("Read one paper of the library: its authors, year and abstract.")
        public Map<String, Object> readPaper(@LLMDescription("The paper's id.") String id) {
            return papers.readPaper(id);
        }
    }

    public record WordCount() implements ToolSet {
        @Tool(customName = "word_count")
        @LLMDescription("Count the words of a text.")
        public int wordCount(@LLMDescription("The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    public record Wait() implements ToolSet {
        @Tool(customName = "wait")
        @LLMDescription("Wait for something else for some milliseconds.")
        public Map<String, Object> waitFor(@LLMDescription("How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }
    }

    public record Block() implements ToolSet {
        @Tool
        @LLMDescription("Block the calling thread for some milliseconds.")
        public Map<String, Object> block(@LLMDescription("How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }
    }

    public record Compute() implements ToolSet {
        @Tool
        @LLMDescription("Compute for some milliseconds.")
        public Map<String, Object> compute(@LLMDescription("How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }
    }

    public record Payload() implements ToolSet {
        @Tool
        @LLMDescription("Return a text of some length.")
        public Map<String, Object> payload(@LLMDescription("How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }
    }

    public record Tally() implements ToolSet {
        @Tool
        @LLMDescription("Count the items of a list.")
        public Map<String, Object> tally(
                @LLMDescription("The items.") List<String> items, @LLMDescription("What an item is.") String unit) {
            return Synthetic.tally(items);
        }
    }

    public record Fail() implements ToolSet {
        @Tool
        @LLMDescription("Fail with a message.")
        public Map<String, Object> fail(@LLMDescription("The message.") String message) {
            return Synthetic.fail(message);
        }
    }

    /** A tool whose name and description are known only at run time. */
    public record LookUp(int section) {
        public Map<String, Object> lookUp(
                @LLMDescription("The topic to look for.") String topic,
                @LLMDescription("The maximum number of entries.") int limit) {
            return Synthetic.lookUp(section, topic, limit);
        }

        private String description() {
            return "Look a topic up in section " + section + " of the handbook.";
        }
    }

    private static Method method(Class<?> tool, String name, Class<?>... parameters) {
        try {
            return tool.getMethod(name, parameters);
        } catch (NoSuchMethodException error) {
            throw new IllegalStateException(error);
        }
    }
}
