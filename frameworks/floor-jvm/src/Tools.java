import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import loopmark.Hello;
import loopmark.Papers;
import loopmark.Synthetic;

/** The tools, which the model calls by name with JSON and whose results it is told as JSON. */
final class Tools {
    private final Papers papers;

    Tools(Hello.Task task) throws IOException {
        papers = Papers.load(task);
    }

    /** What the model is told of a call; a failure is told too. */
    String call(String name, String arguments) {
        try {
            return Server.JSON.writeValueAsString(result(name, Server.JSON.readTree(arguments)));
        } catch (JsonProcessingException | RuntimeException error) {
            return "error: " + error.getMessage();
        }
    }

    private Object result(String name, JsonNode arguments) {
        return switch (name) {
            case "search_papers" ->
                    papers.searchPapers(text(arguments, "query"), whole(arguments, "limit"));
            case "read_paper" -> papers.readPaper(text(arguments, "id"));
            case "word_count" -> Papers.wordCount(text(arguments, "text"));
            case "wait" -> Synthetic.waitFor(whole(arguments, "ms"));
            case "block" -> Synthetic.block(whole(arguments, "ms"));
            case "compute" -> Synthetic.compute(whole(arguments, "ms"));
            case "payload" -> Synthetic.payload(whole(arguments, "bytes"));
            case "fail" -> Synthetic.fail(text(arguments, "message"));
            default -> throw new IllegalArgumentException("no tool " + name);
        };
    }

    private static String text(JsonNode arguments, String name) {
        return arguments.required(name).asText();
    }

    private static int whole(JsonNode arguments, String name) {
        return arguments.required(name).asInt();
    }
}
