import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Refusal;
import loopmark.Runner;
import loopmark.Synthetic;

/** The floor of the JVM: the agent loop by hand, Chat Completions over the JDK's own HTTP client. */
public final class Main {
    private final HttpClient client;
    private final Hello hello;
    private final Papers papers;
    private final URI url;
    private final List<Object> tools = new ArrayList<>();

    public static void main(String[] arguments) {
        String version = Identity.javaVersion();
        String client = "java.net.http " + version;
        Identity identity = Identity.of("java.net.http", version, client, Feature.values());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        if (hello.api() != Hello.Api.CHAT_COMPLETIONS) {
            throw new Refusal("the floor speaks Chat Completions only");
        }
        // Its own default would ask for HTTP/2 in every request.
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Papers papers = Papers.load(hello.task());
        return () -> new Main(client, hello, papers)::run;
    }

    private Main(HttpClient client, Hello hello, Papers papers) {
        this.client = client;
        this.hello = hello;
        this.papers = papers;
        url = URI.create(hello.baseUrl() + "/chat/completions");
        for (Hello.Tool tool : hello.task().tools()) {
            Map<String, Object> function = new LinkedHashMap<>();
            function.put("name", tool.name());
            function.put("description", tool.description());
            function.put("parameters", tool.parameters());
            Map<String, Object> wrapped = new LinkedHashMap<>();
            wrapped.put("type", "function");
            wrapped.put("function", function);
            tools.add(wrapped);
        }
    }

    private String run(String prompt) throws IOException, InterruptedException {
        List<Object> messages = new ArrayList<>();
        messages.add(message("system", hello.task().instructions()));
        messages.add(message("user", prompt));
        for (int turn = 0; turn < hello.task().maxTurns(); turn++) {
            Map<?, ?> message = hello.stream() ? completeStreamed(messages) : complete(messages);
            messages.add(message);
            if (!(message.get("tool_calls") instanceof List<?> calls) || calls.isEmpty()) {
                return (String) message.get("content");
            }
            for (Object call : calls) {
                messages.add(resultOf((Map<?, ?>) call));
            }
        }
        throw new IOException("no answer within " + hello.task().maxTurns() + " turns");
    }

    /** One LLM call; gives the model's message. */
    private Map<?, ?> complete(List<Object> messages) throws IOException, InterruptedException {
        Map<?, ?> reply = (Map<?, ?>) Json.parse(send(messages, BodyHandlers.ofString()));
        return (Map<?, ?>) first(reply, "choices").get("message");
    }

    /** One LLM call whose reply is streamed; gives the model's message, put together. */
    private Map<?, ?> completeStreamed(List<Object> messages) throws IOException, InterruptedException {
        StreamedMessage message = new StreamedMessage();
        try (Stream<String> lines = send(messages, BodyHandlers.ofLines())) {
            lines.filter(line -> line.startsWith("data: {"))
                    .map(line -> (Map<?, ?>) Json.parse(line.substring("data: ".length())))
                    .filter(chunk -> chunk.get("choices") instanceof List<?> list && !list.isEmpty())
                    .forEach(chunk -> message.add((Map<?, ?>) first(chunk, "choices").get("delta")));
        }
        return message.whole();
    }

    private <T> T send(List<Object> messages, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", hello.model());
        body.put("messages", messages);
        body.put("tools", tools);
        if (hello.stream()) {
            body.put("stream", true);
        }
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Authorization", "Bearer made-up")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(Json.write(body)))
                        .build();
        HttpResponse<T> response = client.send(request, handler);
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    private static Map<?, ?> first(Map<?, ?> reply, String name) {
        return (Map<?, ?>) ((List<?>) reply.get(name)).get(0);
    }

    /** The tool's message to the model; a failure is told to the model too. */
    private Map<String, Object> resultOf(Map<?, ?> call) {
        Map<?, ?> function = (Map<?, ?>) call.get("function");
        String content;
        try {
            Map<?, ?> arguments = (Map<?, ?>) Json.parse((String) function.get("arguments"));
            content = Json.write(result((String) function.get("name"), arguments));
        } catch (RuntimeException error) {
            content = "error: " + error.getMessage();
        }
        Map<String, Object> message = message("tool", content);
        message.put("tool_call_id", call.get("id"));
        return message;
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private Object result(String name, Map<?, ?> arguments) {
        return switch (name) {
            case "search_papers" ->
                    papers.searchPapers((String) arguments.get("query"), whole(arguments, "limit"));
            case "read_paper" -> papers.readPaper((String) arguments.get("id"));
            case "word_count" -> Papers.wordCount((String) arguments.get("text"));
            case "wait" -> Synthetic.waitFor(whole(arguments, "ms"));
            case "block" -> Synthetic.block(whole(arguments, "ms"));
            case "compute" -> Synthetic.compute(whole(arguments, "ms"));
            case "payload" -> Synthetic.payload(whole(arguments, "bytes"));
            case "fail" -> Synthetic.fail((String) arguments.get("message"));
            default -> throw new IllegalArgumentException("no tool " + name);
        };
    }

    private static int whole(Map<?, ?> arguments, String name) {
        return Math.toIntExact((Long) arguments.get(name));
    }
}
