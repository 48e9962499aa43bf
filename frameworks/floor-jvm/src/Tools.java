import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
import loopmark.Agent;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;
import loopmark.Threads;

/** The tools, which the model calls by name with JSON and whose results it is told as JSON. */
final class Tools {
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

    /** What the model is told of a call; a failure is told too. */
    String call(String name, String arguments) {
        try {
            JsonNode read = Server.JSON.readTree(arguments);
            Agent agent = agents.get(name);
            Object result = agent == null ? result(name, read) : agent.run(text(read, "task"));
            return Server.JSON.writeValueAsString(result);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "Error: interrupted";
        } catch (Exception error) {
            return "Error: " + error.getMessage();
        }
    }

    /** Does the calls of one turn, each on a thread of its own; the results are in the calls' order. */
    <T> List<T> sideBySide(List<JsonNode> calls, Function<JsonNode, T> resultOf) throws InterruptedException {
        if (calls.size() == 1) {
            // The run's own thread has nothing else to do.
            return List.of(resultOf.apply(calls.get(0)));
        }
        List<Callable<T>> tasks = new ArrayList<>();
        calls.forEach(call -> tasks.add(() -> resultOf.apply(call)));
        List<T> results = new ArrayList<>();
        for (Future<T> result : threads.invokeAll(tasks)) {
            try {
                results.add(result.get());
            } catch (ExecutionException error) {
                throw new IllegalStateException(error.getCause());
            }
        }
        return results;
    }

    private Object result(String name, JsonNode arguments) throws JsonProcessingException {
        return switch (name) {
            case "search_papers" ->
                    papers.searchPapers(text(arguments, "query"), whole(arguments, "limit"));
            case "read_paper" -> papers.readPaper(text(arguments, "id"));
            case "word_count" -> Papers.wordCount(text(arguments, "text"));
            case "wait" -> Synthetic.waitFor(whole(arguments, "ms"));
            case "block" -> Synthetic.block(whole(arguments, "ms"));
            case "compute" -> Synthetic.compute(whole(arguments, "ms"));
            case "payload" -> Synthetic.payload(whole(arguments, "bytes"));
            case "tally" -> tally(arguments);
            case "fail" -> Synthetic.fail(text(arguments, "message"));
            default -> lookUp(name, arguments);
        };
    }

    private static Object tally(JsonNode arguments) throws JsonProcessingException {
        text(arguments, "unit");
        String[] items = Server.JSON.treeToValue(arguments.required("items"), String[].class);
        return Synthetic.tally(List.of(items));
    }

    private static Object lookUp(String name, JsonNode arguments) throws JsonProcessingException {
        OptionalInt section = Synthetic.sectionOf(name);
        if (section.isEmpty()) {
            throw new IllegalArgumentException("no tool " + name);
        }
        return Synthetic.lookUp(section.getAsInt(), text(arguments, "topic"), whole(arguments, "limit"));
    }

    private static String text(JsonNode arguments, String name) throws JsonProcessingException {
        return Server.JSON.treeToValue(arguments.required(name), String.class);
    }

    private static int whole(JsonNode arguments, String name) throws JsonProcessingException {
        return Server.JSON.treeToValue(arguments.required(name), int.class);
    }
}
