import java.io.IOException;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Runner;

/** The floor of the JVM: the agent loop by hand, over the JDK's own HTTP client. */
public final class Main {
    public static void main(String[] arguments) {
        String version = Identity.javaVersion();
        String client = "java.net.http " + version;
        Identity identity = Identity.of("java.net.http", version, client, Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        // Its own default would ask for HTTP/2 in every request.
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Server server = new Server(client, hello.baseUrl());
        Tools tools = new Tools(hello.task());
        return () ->
                hello.handoff()
                        .map(second -> handingOver(server, tools, hello, second))
                        .orElseGet(() -> agent(server, tools, hello));
    }

    /** An agent that has the second one as one more tool. */
    private static Agent handingOver(Server server, Tools tools, Hello hello, Hello.Handoff second) {
        Hello.Task task = hello.task();
        Agent secondAgent =
                agent(server, tools, hello.withTask(task.withInstructions(second.instructions())));
        Hello.Tool tool =
                new Hello.Tool(
                        second.name(),
                        second.description(),
                        Map.of(
                                "type", "object",
                                "properties", Map.of("task", Map.of("type", "string", "description", "What to do.")),
                                "required", List.of("task")));
        return agent(server, tools.and(second.name(), secondAgent), hello.withTask(task.withTool(tool)));
    }

    private static Agent agent(Server server, Tools tools, Hello hello) {
        return switch (hello.api()) {
            case CHAT_COMPLETIONS -> new Chat(server, tools, hello)::run;
            case RESPONSES -> new Responses(server, tools, hello)::run;
        };
    }
}
