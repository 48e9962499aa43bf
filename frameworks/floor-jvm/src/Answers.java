import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import loopmark.Hello;
import loopmark.Json;

/** The answers of a hello: any text, or an object where the hello asks for a structure. */
record Answers(Optional<Hello.Output> output) {
    /** What a hello asks for, where it asks for a structure. */
    private record Summary(String title, List<String> topics, int words) {}

    /** Loaded by the first answer that has a structure. */
    private static final class Reader {
        static final ObjectReader SUMMARY =
                Server.JSON
                        .readerFor(Summary.class)
                        .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                        .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    }

    /**
     * The answer that a text is.
     *
     * @throws JsonProcessingException if it has not the structure; the model should know why
     */
    String read(String text) throws JsonProcessingException {
        if (output.isEmpty()) {
            return text;
        }
        Summary summary = Reader.SUMMARY.readValue(text);
        return Json.asAnswer(summary);
    }

    /** What the model is told of an answer that is none. */
    static ObjectNode misfit(JsonProcessingException error) {
        String problem = "The answer does not fit the schema: " + error.getOriginalMessage();
        return Server.JSON.createObjectNode().put("role", "user").put("content", problem);
    }

    /** The structure as the model is told of it. */
    static ObjectNode format(Hello.Output output) {
        ObjectNode format = Server.JSON.createObjectNode().put("name", output.name()).put("strict", true);
        return format.set("schema", Server.JSON.valueToTree(output.schema()));
    }
}
