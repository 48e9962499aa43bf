import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.service.tool.DefaultToolExecutor;
import dev.langchain4j.service.tool.ToolExecutor;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import loopmark.Agent;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;

/**
 * The tools that a scenario offers.
 *
 * @param objects each with one {@code @Tool} method: an agent offers all such methods of an object
 * @param specified those whose names are known only at run time
 */
record Tools(List<Object> objects, Map<ToolSpecification, ToolExecutor> specified) {

    static Tools offered(Hello.Task task, Papers papers) {
        Map<String, Object> known = byName(papers);
        Map<ToolSpecification, ToolExecutor> lookups = new LinkedHashMap<>();
        for (Hello.Tool tool : task.tools()) {
            OptionalInt section = Synthetic.sectionOf(tool.name());
            if (section.isPresent()) {
                LookUp lookUp = new LookUp(section.getAsInt());
                lookups.put(lookUp.specification(tool.name()), new DefaultToolExecutor(lookUp, LookUp.METHOD));
                known.put(tool.name(), lookUp);
            }
        }
        List<Object> offered = task.offered(known);
        return new Tools(offered.stream().filter(tool -> !(tool instanceof LookUp)).toList(), lookups);
    }

    /** These, and an agent that can be handed over to. */
    Tools and(Hello.Handoff handoff, Agent agent) {
        Map<ToolSpecification, ToolExecutor> specified = new LinkedHashMap<>(this.specified);
        HandOver handOver = new HandOver(agent);
        specified.put(handOver.specification(handoff), new DefaultToolExecutor(handOver, HandOver.METHOD));
        return new Tools(objects, specified);
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

    public record SearchPapers(Papers papers) {
        @Tool("Search the library for papers whose title or abstract contains the query.")
        public Map<String, Object> search_papers(
                @P("The text to look for.") String query, @P("The maximum number of papers.") int limit) {
            return papers.searchPapers(query, limit);
        }
    }

    public record ReadPaper(Papers papers) {
        @Tool("Read one paper of the library: its authors, year and abstract.")
        public Map<String, Object> read_paper(@P("The paper's id.") String id) {
            return papers.readPaper(id);
        }
    }

    public record WordCount() {
        @Tool("Count the words of a text.")
        public int word_count(@P("The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    public record Wait() {
        @Tool(name = "wait", value = "Wait for something else for some milliseconds.")
        public Map<String, Object> waitFor(@P("How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }
    }

    public record Block() {
        @Tool("Block the calling thread for some milliseconds.")
        public Map<String, Object> block(@P("How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }
    }

    public record Compute() {
        @Tool("Compute for some milliseconds.")
        public Map<String, Object> compute(@P("How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }
    }

    public record Payload() {
        @Tool("Return a text of some length.")
        public Map<String, Object> payload(@P("How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }
    }

    public record Tally() {
        @Tool("Count the items of a list.")
        public Map<String, Object> tally(@P("The items.") List<String> items, @P("What an item is.") String unit) {
            return Synthetic.tally(items);
        }
    }

    /** A tool that is specified programmatically: an annotation can't have the section in its name. */
    public record LookUp(int section) {
        private static final Method METHOD = method(LookUp.class, "lookUp", String.class, int.class);

        public Map<String, Object> lookUp(String topic, int limit) {
            return Synthetic.lookUp(section, topic, limit);
        }

        private ToolSpecification specification(String name) {
            JsonObjectSchema parameters =
                    JsonObjectSchema.builder()
                            .addStringProperty("topic", "The topic to look for.")
                            .addIntegerProperty("limit", "The maximum number of entries.")
                            .required("topic", "limit")
                            .build();
            return ToolSpecification.builder()
                    .name(name)
                    .description("Look a topic up in section " + section + " of the handbook.")
                    .parameters(parameters)
                    .build();
        }
    }

    /** The second agent as a tool of the first. */
    public record HandOver(Agent agent) {
        private static final Method METHOD = method(HandOver.class, "handOver", String.class);

        public String handOver(String task) throws Exception {
            return agent.run(task);
        }

        private ToolSpecification specification(Hello.Handoff handoff) {
            JsonObjectSchema parameters =
                    JsonObjectSchema.builder().addStringProperty("task", "What to do.").required("task").build();
            return ToolSpecification.builder()
                    .name(handoff.name())
                    .description(handoff.description())
                    .parameters(parameters)
                    .build();
        }
    }

    private static Method method(Class<?> tool, String name, Class<?>... parameters) {
        try {
            return tool.getMethod(name, parameters);
        } catch (NoSuchMethodException error) {
            throw new IllegalStateException(error);
        }
    }

    public record Fail() {
        @Tool("Fail with a message.")
        public Map<String, Object> fail(@P("The message.") String message) {
            return Synthetic.fail(message);
        }
    }
}
