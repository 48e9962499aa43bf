import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import loopmark.FirstText;
import loopmark.Hello;

/** The loop over the Responses API: each turn sends the whole conversation, with what the model said as it came. */
final class Responses {
    private static final Set<String> FAILURES = Set.of("response.failed", "response.incomplete", "error");

    private final Server server;
    private final Tools tools;
    private final Hello hello;
    private final Answers answers;
    private final ArrayNode offered = Server.JSON.createArrayNode();

    Responses(Server server, Tools tools, Hello hello) {
        this.server = server;
        this.tools = tools;
        this.hello = hello;
        answers = new Answers(hello.output());
        for (Hello.Tool tool : hello.task().tools()) {
            // This API is strict unless told otherwise.
            ObjectNode function = offered.addObject().put("type", "function").put("strict", false);
            function.setAll((ObjectNode) Server.JSON.valueToTree(tool));
        }
    }

    String run(String prompt) throws IOException, InterruptedException {
        ObjectNode request = Server.JSON.createObjectNode().put("model", hello.model());
        request.put("instructions", hello.task().instructions());
        ArrayNode items = request.putArray("input");
        items.addObject().put("role", "user").put("content", prompt);
        request.set("tools", offered);
        if (hello.stream()) {
            request.put("stream", true);
        }
        hello.output()
                .ifPresent(
                        output ->
                                request.putObject("text")
                                        .set("format", Answers.format(output).put("type", "json_schema")));
        for (int turn = 0; turn < hello.task().maxTurns(); turn++) {
            JsonNode output = ask(request).required("output");
            List<JsonNode> calls = new ArrayList<>();
            for (JsonNode item : output) {
                items.add(item);
                if (item.path("type").asText().equals("function_call")) {
                    calls.add(item);
                }
            }
            if (calls.isEmpty()) {
                try {
                    return answers.read(text(output));
                } catch (JsonProcessingException misfit) {
                    items.add(Answers.misfit(misfit));
                    continue;
                }
            }
            items.addAll(tools.sideBySide(calls, this::resultOf));
        }
        throw new IOException("no answer within " + hello.task().maxTurns() + " turns");
    }

    /** One LLM call; gives the response. */
    private JsonNode ask(ObjectNode request) throws IOException, InterruptedException {
        if (!hello.stream()) {
            return server.ask("/responses", request);
        }
        try (Stream<JsonNode> events = server.askStreamed("/responses", request)) {
            return completed(events.iterator());
        }
    }

    /** The response of a reply that is streamed: its last event has it whole. */
    static JsonNode completed(Iterator<JsonNode> events) throws IOException {
        JsonNode response = null;
        // Read to its end, or the client would close the connection.
        while (events.hasNext()) {
            JsonNode event = events.next();
            String type = event.path("type").asText();
            if (type.equals("response.output_text.delta")) {
                FirstText.ofThisRun().seen();
            } else if (type.equals("response.completed")) {
                response = event.required("response");
            } else if (FAILURES.contains(type)) {
                throw new IOException(event.toString());
            }
        }
        if (response == null) {
            throw new IOException("the stream breaks off");
        }
        return response;
    }

    /** The text of a reply: that of its messages' parts. */
    static String text(JsonNode output) {
        StringBuilder text = new StringBuilder();
        for (JsonNode item : output) {
            item.path("content").forEach(part -> text.append(part.path("text").asText("")));
        }
        return text.toString();
    }

    private ObjectNode resultOf(JsonNode call) {
        String result = tools.call(call.required("name").asText(), call.required("arguments").asText());
        ObjectNode item = Server.JSON.createObjectNode().put("type", "function_call_output");
        return item.put("call_id", call.required("call_id").asText()).put("output", result);
    }
}
