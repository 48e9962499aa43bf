import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A message of Chat Completions that is put together from the deltas of a stream. */
final class StreamedMessage {
    private final StringBuilder content = new StringBuilder();
    private final List<Call> calls = new ArrayList<>();

    private static final class Call {
        String id;
        String name;
        final StringBuilder arguments = new StringBuilder();
    }

    /** Adds a delta: a piece of text, or pieces of tool calls, each with the index of its call. */
    void add(Map<?, ?> delta) {
        if (delta.get("content") instanceof String piece) {
            content.append(piece);
        }
        if (delta.get("tool_calls") instanceof List<?> pieces) {
            pieces.forEach(piece -> addCall((Map<?, ?>) piece));
        }
    }

    private void addCall(Map<?, ?> piece) {
        int index = Math.toIntExact((Long) piece.get("index"));
        while (calls.size() <= index) {
            calls.add(new Call());
        }
        Call call = calls.get(index);
        if (piece.get("id") instanceof String id) {
            call.id = id;
        }
        if (piece.get("function") instanceof Map<?, ?> function) {
            if (function.get("name") instanceof String name) {
                call.name = name;
            }
            if (function.get("arguments") instanceof String arguments) {
                call.arguments.append(arguments);
            }
        }
    }

    /** The message, as a reply that is not streamed has it. */
    Map<String, Object> whole() {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", content.isEmpty() ? null : content.toString());
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls.stream().map(StreamedMessage::whole).toList());
        }
        return message;
    }

    private static Map<String, Object> whole(Call call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name);
        function.put("arguments", call.arguments.toString());
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("id", call.id);
        whole.put("type", "function");
        whole.put("function", function);
        return whole;
    }
}
