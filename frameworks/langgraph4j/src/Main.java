import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.output.JsonSchemas;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Runner;
import org.bsc.langgraph4j.CompileConfig;
import org.bsc.langgraph4j.CompiledGraph;
import org.bsc.langgraph4j.GraphStateException;
import org.bsc.langgraph4j.NodeOutput;
import org.bsc.langgraph4j.agentexecutor.AgentExecutor;
import org.bsc.langgraph4j.streaming.StreamingOutput;

/** A LangGraph4j agent: the graph of {@code AgentExecutor} over LangChain4j's OpenAI model and tools. */
public final class Main {
    /** The limit counts steps: in a turn the model, the end of its stream, and the tools; around them start and end. */
    private static final int STEPS_PER_TURN = 3;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What the hello asks for as the answer, where it asks for a structure. */
    record Summary(
            @JsonProperty(required = true) String title,
            @JsonProperty(required = true) int words,
            @JsonProperty(required = true) List<String> topics) {}

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "langgraph4j-agent-executor",
                        Identity.artifactVersion("org.bsc.langgraph4j", "langgraph4j-agent-executor"),
                        "java.net.http " + Identity.javaVersion(),
                        Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        Tools tools = Tools.offered(hello.task(), Papers.load(hello.task()));
        UnaryOperator<AgentExecutor.Builder> withModel = hello.stream() ? withStreamingModel(hello) : withModel(hello);
        return () -> {
            Tools offered = tools;
            if (hello.handoff().isPresent()) {
                Hello.Handoff second = hello.handoff().get();
                offered = tools.and(second, agent(hello, second.instructions(), tools, withModel));
            }
            return agent(hello, hello.task().instructions(), offered, withModel);
        };
    }

    private static Agent agent(
            Hello hello, String instructions, Tools tools, UnaryOperator<AgentExecutor.Builder> withModel)
            throws GraphStateException {
        AgentExecutor.Builder builder =
                withModel
                        .apply(AgentExecutor.builder())
                        .systemMessage(SystemMessage.from(instructions))
                        .toolsFromObject(tools.objects().toArray());
        tools.specified().forEach((specification, executor) -> builder.tool(specification, executor));
        if (hello.output().isPresent()) {
            builder.responseFormat(summaryFormat());
        }
        CompiledGraph<AgentExecutor.State> graph =
                builder.build()
                        .compile(
                                CompileConfig.builder()
                                        .recursionLimit(STEPS_PER_TURN * (hello.task().maxTurns() + 1))
                                        .build());
        return prompt -> {
            Map<String, Object> input = Map.of("messages", UserMessage.from(prompt));
            AgentExecutor.State end = hello.stream() ? streamed(graph, input) : graph.invoke(input).orElseThrow();
            String answer = end.finalResponse().orElseThrow();
            return hello.output().isPresent() ? Json.asAnswer(MAPPER.readValue(answer, Summary.class)) : answer;
        };
    }

    /** The state at the end of a run whose replies are streamed. */
    private static AgentExecutor.State streamed(CompiledGraph<AgentExecutor.State> graph, Map<String, Object> input) {
        FirstText firstText = FirstText.ofThisRun();
        AgentExecutor.State state = null;
        for (NodeOutput<AgentExecutor.State> output : graph.stream(input)) {
            if (output instanceof StreamingOutput<AgentExecutor.State> piece && !piece.chunk().isEmpty()) {
                firstText.seen();
            }
            state = output.state();
        }
        return state;
    }

    private static ResponseFormat summaryFormat() {
        return ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchemas.jsonSchemaFrom(Summary.class).orElseThrow())
                .build();
    }

    private static UnaryOperator<AgentExecutor.Builder> withModel(Hello hello) {
        boolean isStructured = hello.output().isPresent();
        ChatModel model =
                switch (hello.api()) {
                    case CHAT_COMPLETIONS ->
                            OpenAiChatModel.builder()
                                    .baseUrl(hello.baseUrl())
                                    .apiKey("made-up")
                                    .modelName(hello.model())
                                    .strictJsonSchema(isStructured)
                                    .build();
                    case RESPONSES ->
                            OpenAiResponsesChatModel.builder()
                                    .baseUrl(hello.baseUrl())
                                    .apiKey("made-up")
                                    .modelName(hello.model())
                                    .strictJsonSchema(isStructured)
                                    .build();
                };
        return builder -> builder.chatModel(model);
    }

    /** As {@link #withModel}, where replies are streamed. */
    private static UnaryOperator<AgentExecutor.Builder> withStreamingModel(Hello hello) {
        boolean isStructured = hello.output().isPresent();
        StreamingChatModel model =
                switch (hello.api()) {
                    case CHAT_COMPLETIONS ->
                            OpenAiStreamingChatModel.builder()
                                    .baseUrl(hello.baseUrl())
                                    .apiKey("made-up")
                                    .modelName(hello.model())
                                    .strictJsonSchema(isStructured)
                                    .build();
                    case RESPONSES ->
                            OpenAiResponsesStreamingChatModel.builder()
                                    .baseUrl(hello.baseUrl())
                                    .apiKey("made-up")
                                    .modelName(hello.model())
                                    .strictJsonSchema(isStructured)
                                    .build();
                };
        return builder -> builder.chatModel(model);
    }
}
