import com.fasterxml.jackson.annotation.JsonProperty;
import io.agentscope.core.ReActAgent;
import io.agentscope.core.agent.RuntimeContext;
import io.agentscope.core.event.AgentResultEvent;
import io.agentscope.core.event.TextBlockDeltaEvent;
import io.agentscope.core.tool.Toolkit;
import io.agentscope.core.tool.subagent.SubAgentConfig;
import io.agentscope.extensions.model.openai.OpenAIChatModel;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Refusal;
import loopmark.Runner;

/** An AgentScope agent: a {@code ReActAgent} over the OpenAI model, with tools by {@code @Tool} in a toolkit. */
public final class Main {
    /** What the hello asks for as the answer, where it asks for a structure. */
    record Summary(
            @JsonProperty(required = true) String title,
            @JsonProperty(required = true) int words,
            @JsonProperty(required = true) List<String> topics) {}

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "agentscope-core",
                        Identity.artifactVersion("io.agentscope", "agentscope-core"),
                        "java.net.http " + Identity.javaVersion(),
                        Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        if (hello.stream() && hello.output().isPresent()) {
            throw new Refusal("the events of an agent have no answers of a structure");
        }
        boolean isWhole = "whole".equals(System.getenv("LOOPMARK_REPLIES"));
        OpenAIChatModel model =
                OpenAIChatModel.builder()
                        .apiKey("made-up")
                        .baseUrl(hello.baseUrl())
                        .modelName(hello.model())
                        .stream(hello.stream() || !isWhole)
                        .build();
        Papers papers = Papers.load(hello.task());
        return () -> {
            Toolkit toolkit = Tools.offered(hello.task(), papers);
            hello.handoff()
                    .ifPresent(
                            second ->
                                    toolkit.registration()
                                            .subAgent(
                                                    () -> second(hello, model, papers),
                                                    SubAgentConfig.builder()
                                                            .toolName(second.name())
                                                            .description(second.description())
                                                            .build())
                                            .apply());
            ReActAgent agent = agent(hello, model, "assistant", hello.task().instructions(), toolkit);
            return prompt -> answer(hello, agent, prompt);
        };
    }

    private static ReActAgent agent(
            Hello hello, OpenAIChatModel model, String name, String instructions, Toolkit toolkit) {
        return ReActAgent.builder()
                .name(name)
                .sysPrompt(instructions)
                .model(model)
                .toolkit(toolkit)
                .maxIters(hello.task().maxTurns())
                .build();
    }

    /** An agent that the first one calls as a tool; each call has its own. */
    private static ReActAgent second(Hello hello, OpenAIChatModel model, Papers papers) {
        Hello.Handoff second = hello.handoff().orElseThrow();
        return agent(hello, model, second.name(), second.instructions(), Tools.offered(hello.task(), papers));
    }

    /** A session is a conversation, so each run has its own. */
    private static String answer(Hello hello, ReActAgent agent, String prompt) {
        RuntimeContext context = RuntimeContext.builder().sessionId(UUID.randomUUID().toString()).build();
        if (hello.output().isPresent()) {
            Summary summary =
                    agent.call(prompt, Summary.class, context).block().getStructuredData(Summary.class);
            return Json.asAnswer(summary);
        }
        if (hello.stream()) {
            return streamed(agent, prompt, context);
        }
        return agent.call(prompt, context).block().getTextContent();
    }

    private static String streamed(ReActAgent agent, String prompt, RuntimeContext context) {
        FirstText firstText = FirstText.ofThisRun();
        return agent.streamEvents(prompt, context)
                .doOnNext(
                        event -> {
                            if (event instanceof TextBlockDeltaEvent) {
                                firstText.seen();
                            }
                        })
                .ofType(AgentResultEvent.class)
                .map(event -> event.getResult().getTextContent())
                .blockLast();
    }
}
