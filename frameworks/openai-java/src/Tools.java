import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import loopmark.Agent;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;
import loopmark.Threads;

/** The tools: a class for each one, which the SDK makes a schema of and reads a call's arguments into. */
final class Tools {
    /** A call of a tool. */
    interface Call {
        Object execute(Papers papers);
    }

    /** What the SDK reads a call's arguments into: {@code function.arguments(type)}. */
    interface Arguments {
        <T> T as(Class<T> type);
    }

    private static final Map<String, Class<? extends Call>> CLASSES =
            Stream.of(
                            SearchPapers.class,
                            ReadPaper.class,
                            WordCount.class,
                            Wait.class,
                            Block.class,
                            Compute.class,
                            Payload.class,
                            Tally.class,
                            Fail.class)
                    .collect(Collectors.toMap(Tools::nameOf, type -> type));

    private final Papers papers;
    private final Map<String, Agent> agents;
    private final ExecutorService threads = Threads.executor();

    Tools(Hello.Task task) throws IOException {
        this(Papers.load(task), Map.of());
    }

    private Tools(Papers papers, Map<String, Agent> agents) {
        this.papers = papers;
        this.agents = agents;
    }

    /** These, and an agent of this name. */
    Tools and(String name, Agent agent) {
        return new Tools(papers, Map.of(name, agent));
    }

    private static String nameOf(Class<?> type) {
        return type.getAnnotation(JsonTypeName.class).value();
    }

    /** The class of a tool; null for those whose names are known only at run time. */
    static Class<? extends Call> classOf(String name) {
        return CLASSES.get(name);
    }

    /** The result of a call. */
    Object call(String name, Arguments arguments) throws Exception {
        Class<? extends Call> type = CLASSES.get(name);
        if (type != null) {
            return arguments.as(type).execute(papers);
        }
        if (agents.containsKey(name)) {
            return agents.get(name).run(arguments.as(HandOver.class).task());
        }
        OptionalInt section = Synthetic.sectionOf(name);
        if (section.isEmpty()) {
            throw new IllegalArgumentException("no tool " + name);
        }
        LookUp lookUp = arguments.as(LookUp.class);
        return Synthetic.lookUp(section.getAsInt(), lookUp.topic(), lookUp.limit());
    }

    /** Does the calls of one turn, each on a thread of its own; the results are in the calls' order. */
    <C, R> List<R> sideBySide(List<C> calls, Function<C, R> resultOf) throws InterruptedException {
        if (calls.size() == 1) {
            // The run's own thread has nothing else to do.
            return List.of(resultOf.apply(calls.get(0)));
        }
        List<Callable<R>> tasks = new ArrayList<>();
        calls.forEach(call -> tasks.add(() -> resultOf.apply(call)));
        List<R> results = new ArrayList<>();
        for (Future<R> result : threads.invokeAll(tasks)) {
            try {
                results.add(result.get());
            } catch (ExecutionException error) {
                throw new IllegalStateException(error.getCause());
            }
        }
        return results;
    }

    @JsonTypeName("search_papers")
    @JsonClassDescription("Search the library for papers whose title or abstract contains the query.")
    record SearchPapers(
            @JsonProperty(required = true) @JsonPropertyDescription("The text to look for.") String query,
            @JsonProperty(required = true) @JsonPropertyDescription("The maximum number of papers.") int limit)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return papers.searchPapers(query, limit);
        }
    }

    @JsonTypeName("read_paper")
    @JsonClassDescription("Read one paper of the library: its authors, year and abstract.")
    record ReadPaper(@JsonProperty(required = true) @JsonPropertyDescription("The paper's id.") String id)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return papers.readPaper(id);
        }
    }

    @JsonTypeName("word_count")
    @JsonClassDescription("Count the words of a text.")
    record WordCount(@JsonProperty(required = true) @JsonPropertyDescription("The text.") String text)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Papers.wordCount(text);
        }
    }

    @JsonTypeName("wait")
    @JsonClassDescription("Wait for something else for some milliseconds.")
    record Wait(@JsonProperty(required = true) @JsonPropertyDescription("How many milliseconds.") int ms)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.waitFor(ms);
        }
    }

    @JsonTypeName("block")
    @JsonClassDescription("Block the calling thread for some milliseconds.")
    record Block(@JsonProperty(required = true) @JsonPropertyDescription("How many milliseconds.") int ms)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.block(ms);
        }
    }

    @JsonTypeName("compute")
    @JsonClassDescription("Compute for some milliseconds.")
    record Compute(
            @JsonProperty(required = true) @JsonPropertyDescription("How many milliseconds of CPU time.") int ms)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.compute(ms);
        }
    }

    @JsonTypeName("payload")
    @JsonClassDescription("Return a text of some length.")
    record Payload(@JsonProperty(required = true) @JsonPropertyDescription("How many characters.") int bytes)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.payload(bytes);
        }
    }

    @JsonTypeName("tally")
    @JsonClassDescription("Count the items of a list.")
    record Tally(
            @JsonProperty(required = true) @JsonPropertyDescription("The items.") List<String> items,
            @JsonProperty(required = true) @JsonPropertyDescription("What an item is.") String unit)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.tally(items);
        }
    }

    @JsonTypeName("fail")
    @JsonClassDescription("Fail with a message.")
    record Fail(@JsonProperty(required = true) @JsonPropertyDescription("The message.") String message)
            implements Call {
        @Override
        public Object execute(Papers papers) {
            return Synthetic.fail(message);
        }
    }

    private record LookUp(@JsonProperty(required = true) String topic, @JsonProperty(required = true) int limit) {}

    private record HandOver(@JsonProperty(required = true) String task) {}
}
