import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import loopmark.Hello;

/** The loop over Chat Completions. */
final class Chat {
    private final Server server;
    private final Tools tools;
    private final Hello hello;
    private final Answers answers;
    private final ArrayNode offered = Server.JSON.createArrayNode();

    Chat(Server server, Tools tools, Hello hello) {
        this.server = server;
        this.tools = tools;
        this.hello = hello;
        answers = new Answers(hello.output());
        for (Hello.Tool tool : hello.task().tools()) {
            offered.addObject().put("type", "function").set("function", Server.JSON.valueToTree(tool));
        }
    }

    String run(String prompt) throws IOException, InterruptedException {
        ObjectNode request = Server.JSON.createObjectNode().put("model", hello.model());
        ArrayNode messages = request.putArray("messages");
        messages.addObject().put("role", "system").put("content", hello.task().instructions());
        messages.addObject().put("role", "user").put("content", prompt);
        request.set("tools", offered);
        if (hello.stream()) {
            request.put("stream", true);
        }
        hello.output()
                .ifPresent(
                        output ->
                                request.putObject("response_format")
                                        .put("type", "json_schema")
                                        .set("json_schema", Answers.format(output)));
        for (int turn = 0; turn < hello.task().maxTurns(); turn++) {
            JsonNode message = ask(request);
            messages.add(message);
            JsonNode calls = message.path("tool_calls");
            if (calls.isEmpty()) {
                try {
                    return answers.read(message.path("content").asText());
                } catch (JsonProcessingException misfit) {
                    messages.add(Answers.misfit(misfit));
                    continue;
                }
            }
            List<JsonNode> wanted = new ArrayList<>();
            calls.forEach(wanted::add);
            messages.addAll(tools.sideBySide(wanted, this::resultOf));
        }
        throw new IOException("no answer within " + hello.task().maxTurns() + " turns");
    }

    /** One LLM call; gives the model's message. */
    private JsonNode ask(ObjectNode request) throws IOException, InterruptedException {
        if (!hello.stream()) {
            return server.ask("/chat/completions", request).required("choices").required(0).required("message");
        }
        try (Stream<JsonNode> chunks = server.askStreamed("/chat/completions", request)) {
            StreamedMessage message = new StreamedMessage();
            chunks.forEach(message::add);
            return message.whole();
        }
    }

    private ObjectNode resultOf(JsonNode call) {
        JsonNode function = call.required("function");
        String result =
                tools.call(function.required("name").asText(), function.required("arguments").asText());
        ObjectNode message = Server.JSON.createObjectNode().put("role", "tool");
        return message.put("tool_call_id", call.required("id").asText()).put("content", result);
    }
}
