import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import loopmark.FirstText;

/** A message of Chat Completions that is put together from the chunks of a stream. */
final class StreamedMessage {
    private final StringBuilder content = new StringBuilder();
    private final List<Call> calls = new ArrayList<>();

    private static final class Call {
        String id;
        String name;
        final StringBuilder arguments = new StringBuilder();
    }

    /** Adds a chunk: a piece of text, or pieces of tool calls, each with the index of its call. */
    void add(JsonNode chunk) {
        JsonNode delta = chunk.path("choices").path(0).path("delta");
        String text = delta.path("content").asText("");
        if (!text.isEmpty()) {
            FirstText.ofThisRun().seen();
            content.append(text);
        }
        delta.path("tool_calls").forEach(this::addCall);
    }

    private void addCall(JsonNode piece) {
        int index = piece.required("index").asInt();
        while (calls.size() <= index) {
            calls.add(new Call());
        }
        Call call = calls.get(index);
        JsonNode function = piece.path("function");
        call.id = piece.path("id").asText(call.id);
        call.name = function.path("name").asText(call.name);
        call.arguments.append(function.path("arguments").asText(""));
    }

    /** The message, as a reply that is not streamed has it. */
    ObjectNode whole() {
        ObjectNode message = Server.JSON.createObjectNode().put("role", "assistant");
        message.put("content", content.isEmpty() ? null : content.toString());
        if (!calls.isEmpty()) {
            ArrayNode whole = message.putArray("tool_calls");
            for (Call call : calls) {
                ObjectNode wanted = whole.addObject().put("id", call.id).put("type", "function");
                wanted.putObject("function").put("name", call.name).put("arguments", call.arguments.toString());
            }
        }
        return message;
    }
}
