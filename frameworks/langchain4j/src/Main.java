import com.fasterxml.jackson.annotation.JsonProperty;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Refusal;
import loopmark.Runner;

/** A LangChain4j agent: an AI service over the OpenAI model, with tools by {@code @Tool}. */
public final class Main {
    /** An AI service is an interface that the framework implements. */
    interface Assistant {
        String answer(String prompt);
    }

    /** One whose replies are streamed. */
    interface StreamingAssistant {
        TokenStream answer(String prompt);
    }

    /** One whose answers are objects. */
    interface Summarizer {
        Summary answer(String prompt);
    }

    /** What the hello asks for as the answer, where it asks for a structure. */
    record Summary(
            @JsonProperty(required = true) String title,
            @JsonProperty(required = true) int words,
            @JsonProperty(required = true) List<String> topics) {}

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "langchain4j",
                        Identity.artifactVersion("dev.langchain4j", "langchain4j"),
                        "java.net.http " + Identity.javaVersion(),
                        Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        Tools tools = Tools.offered(hello.task(), Papers.load(hello.task()));
        if (hello.output().isPresent()) {
            if (hello.stream()) {
                throw new Refusal("an AI service streams texts only, not answers of a structure");
            }
            ChatModel model = model(hello);
            return () -> {
                Summarizer summarizer =
                        service(Summarizer.class, hello, hello.task().instructions(), tools)
                                .chatModel(model)
                                .build();
                return prompt -> Json.asAnswer(summarizer.answer(prompt));
            };
        }
        BiFunction<String, Tools, Agent> newAgent = hello.stream() ? streamingAgents(hello) : agents(hello);
        return () -> {
            Tools offered =
                    hello.handoff()
                            .map(second -> tools.and(second, newAgent.apply(second.instructions(), tools)))
                            .orElse(tools);
            return newAgent.apply(hello.task().instructions(), offered);
        };
    }

    /** What makes an agent of its instructions and tools. */
    private static BiFunction<String, Tools, Agent> agents(Hello hello) {
        ChatModel model = model(hello);
        return (instructions, tools) ->
                service(Assistant.class, hello, instructions, tools).chatModel(model).build()::answer;
    }

    /** As {@link #agents}, where replies are streamed. */
    private static BiFunction<String, Tools, Agent> streamingAgents(Hello hello) {
        StreamingChatModel model = streamingModel(hello);
        return (instructions, tools) -> {
            StreamingAssistant assistant =
                    service(StreamingAssistant.class, hello, instructions, tools)
                            .streamingChatModel(model)
                            .build();
            return prompt -> whole(assistant.answer(prompt));
        };
    }

    private static <T> AiServices<T> service(Class<T> type, Hello hello, String instructions, Tools tools) {
        AiServices<T> service =
                AiServices.builder(type)
                        .systemMessage(instructions)
                        .tools(tools.objects())
                        .tools(tools.specified())
                        .maxToolCallingRoundTrips(hello.task().maxTurns());
        boolean isTuned = "concurrently".equals(System.getenv("LOOPMARK_TOOLS"));
        return isTuned ? service.executeToolsConcurrently() : service;
    }

    /** Where the answer is to have a structure, one that is told of the schema by the API's own means. */
    private static ChatModel model(Hello hello) {
        boolean isStructured = hello.output().isPresent();
        return switch (hello.api()) {
            case CHAT_COMPLETIONS -> {
                var model =
                        OpenAiChatModel.builder()
                                .baseUrl(hello.baseUrl())
                                .apiKey("made-up")
                                .modelName(hello.model());
                if (isStructured) {
                    model.supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA)
                            .strictJsonSchema(true);
                }
                yield model.build();
            }
            case RESPONSES -> {
                var model =
                        OpenAiResponsesChatModel.builder()
                                .baseUrl(hello.baseUrl())
                                .apiKey("made-up")
                                .modelName(hello.model());
                if (isStructured) {
                    model.strictJsonSchema(true);
                }
                yield model.build();
            }
        };
    }

    private static StreamingChatModel streamingModel(Hello hello) {
        return switch (hello.api()) {
            case CHAT_COMPLETIONS ->
                    OpenAiStreamingChatModel.builder()
                            .baseUrl(hello.baseUrl())
                            .apiKey("made-up")
                            .modelName(hello.model())
                            .build();
            case RESPONSES ->
                    OpenAiResponsesStreamingChatModel.builder()
                            .baseUrl(hello.baseUrl())
                            .apiKey("made-up")
                            .modelName(hello.model())
                            .build();
        };
    }

    /** Waits for the end of a stream; the stream of an interrupted run is cancelled at its next piece. */
    private static String whole(TokenStream stream) throws InterruptedException, ExecutionException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        FirstText firstText = FirstText.ofThisRun();
        Consumer<StreamingHandle> check =
                handle -> {
                    if (answer.isCancelled()) {
                        handle.cancel();
                    }
                };
        stream.onPartialResponseWithContext(
                        (piece, context) -> {
                            firstText.seen();
                            check.accept(context.streamingHandle());
                        })
                .onPartialToolCallWithContext((piece, context) -> check.accept(context.streamingHandle()))
                .onCompleteResponse(response -> answer.complete(response.aiMessage().text()))
                .onError(answer::completeExceptionally)
                .start();
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            answer.cancel(false);
            throw interrupted;
        }
    }
}
