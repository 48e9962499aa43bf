import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Runner;

/** The agent loop by hand on OpenAI's SDK for Java: what the vendor's client costs without a framework. */
public final class Main {
    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "openai-java",
                        Identity.artifactVersion("com.openai", "openai-java"),
                        "okhttp " + Identity.artifactVersion("com.squareup.okhttp3", "okhttp"),
                        Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        OpenAIClient client =
                OpenAIOkHttpClient.builder().baseUrl(hello.baseUrl()).apiKey("made-up").build();
        Tools tools = new Tools(hello.task());
        return () ->
                hello.handoff()
                        .map(second -> handingOver(client, tools, hello, second))
                        .orElseGet(() -> agent(client, tools, hello));
    }

    /** An agent that has the second one as one more tool. */
    private static Agent handingOver(OpenAIClient client, Tools tools, Hello hello, Hello.Handoff second) {
        Hello.Task task = hello.task();
        Agent secondAgent =
                agent(client, tools, hello.withTask(task.withInstructions(second.instructions())));
        Hello.Tool tool =
                new Hello.Tool(
                        second.name(),
                        second.description(),
                        Map.of(
                                "type", "object",
                                "properties", Map.of("task", Map.of("type", "string", "description", "What to do.")),
                                "required", List.of("task")));
        return agent(client, tools.and(second.name(), secondAgent), hello.withTask(task.withTool(tool)));
    }

    private static Agent agent(OpenAIClient client, Tools tools, Hello hello) {
        return switch (hello.api()) {
            case CHAT_COMPLETIONS -> new Chat(client, tools, hello)::run;
            case RESPONSES -> new Responses(client, tools, hello)::run;
        };
    }
}
