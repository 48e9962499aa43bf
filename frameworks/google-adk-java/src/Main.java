import com.google.adk.agents.LlmAgent;
import com.google.adk.agents.RunConfig;
import com.google.adk.agents.RunConfig.ToolExecutionMode;
import com.google.adk.events.Event;
import com.google.adk.models.ApigeeLlm;
import com.google.adk.runner.InMemoryRunner;
import com.google.adk.sessions.Session;
import com.google.adk.tools.BaseTool;
import com.google.genai.types.Content;
import com.google.genai.types.Part;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Papers;
import loopmark.Runner;

/** An agent of Google's ADK: an {@code LlmAgent} with function tools, run by an {@code InMemoryRunner}. */
public final class Main {
    private static final String USER = "user";

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "google-adk",
                        Identity.artifactVersion("com.google.adk", "google-adk"),
                        "okhttp " + Identity.artifactVersion("com.squareup.okhttp3", "okhttp-jvm"),
                        Feature.AGENT_PER_RUN,
                        Feature.CANCELLATION,
                        Feature.HEARTBEAT,
                        Feature.SYNTHETIC_TOOLS,
                        Feature.MANY_TOOLS,
                        Feature.HOLD_AGENTS,
                        Feature.HANDOFF);
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        ApigeeLlm model =
                ApigeeLlm.builder()
                        .modelName("apigee/openai/" + hello.model())
                        .proxyUrl(hello.baseUrl())
                        .customHeaders(Map.of("Authorization", "Bearer made-up"))
                        .build();
        List<BaseTool> tools = Tools.offered(hello.task(), Papers.load(hello.task()));
        RunConfig config = runConfig(hello);
        return () -> {
            LlmAgent.Builder assistant = agent(model, "research_assistant", hello.task().instructions(), tools);
            hello.handoff()
                    .ifPresent(
                            second ->
                                    assistant.subAgents(
                                            agent(model, second.name(), second.instructions(), tools)
                                                    .description(second.description())
                                                    .build()));
            InMemoryRunner runner = new InMemoryRunner(assistant.build());
            return prompt -> answer(runner, config, prompt);
        };
    }

    private static LlmAgent.Builder agent(ApigeeLlm model, String name, String instructions, List<BaseTool> tools) {
        return LlmAgent.builder().name(name).model(model).instruction(instructions).tools(tools);
    }

    private static RunConfig runConfig(Hello hello) {
        RunConfig.Builder config = RunConfig.builder().maxLlmCalls(hello.task().maxTurns());
        if ("parallel".equals(System.getenv("LOOPMARK_TOOLS"))) {
            config.toolExecutionMode(ToolExecutionMode.PARALLEL_SUBSCRIBE);
        }
        return config.build();
    }

    /** A session is a conversation, so each run has its own. */
    private static String answer(InMemoryRunner runner, RunConfig config, String prompt) {
        Session session = runner.sessionService().createSession(runner.appName(), USER).blockingGet();
        Content message = Content.fromParts(Part.fromText(prompt));
        String answer = "";
        for (Event event : runner.runAsync(USER, session.id(), message, config).blockingIterable()) {
            if (event.finalResponse()) {
                answer = event.content().map(Content::text).orElse("");
            }
        }
        return answer;
    }
}
