import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The model's server. */
final class Server {
    static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final String baseUrl;

    Server(HttpClient client, String baseUrl) {
        this.client = client;
        this.baseUrl = baseUrl;
    }

    /** One LLM call; gives its reply. */
    JsonNode ask(String path, ObjectNode request) throws IOException, InterruptedException {
        return JSON.readTree(send(path, request, BodyHandlers.ofByteArray(), String::new));
    }

    /** One LLM call whose reply is streamed; gives its events as they arrive. The caller closes the stream. */
    Stream<JsonNode> askStreamed(String path, ObjectNode request)
            throws IOException, InterruptedException {
        return events(send(path, request, BodyHandlers.ofLines(), Server::joined));
    }

    /** The data of server-sent events, but for the last of Chat Completions, which is no JSON. */
    static Stream<JsonNode> events(Stream<String> lines) {
        return lines.filter(line -> line.startsWith("data: {"))
                .map(line -> parsed(line.substring("data: ".length())));
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static String joined(Stream<String> lines) {
        return lines.collect(Collectors.joining("\n"));
    }

    private <T> T send(String path, ObjectNode body, BodyHandler<T> handler, Function<T, String> text)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(baseUrl + path))
                        .header("Authorization", "Bearer made-up")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                        .build();
        HttpResponse<T> response = client.send(request, handler);
        if (response.statusCode() != 200) {
            throw new IOException("HTTP " + response.statusCode() + ": " + text.apply(response.body()));
        }
        return response.body();
    }
}
