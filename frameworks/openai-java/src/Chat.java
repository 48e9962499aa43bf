import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionMessageToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletionMessage;
import java.io.IOException;
import java.util.List;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Json;

/** The loop over Chat Completions. */
final class Chat {
    private final OpenAIClient client;
    private final Tools tools;
    private final Hello hello;

    /** Without the prompt. The SDK makes the tools' schemas when they are added. */
    private final ChatCompletionCreateParams beginning;

    Chat(OpenAIClient client, Tools tools, Hello hello) {
        this.client = client;
        this.tools = tools;
        this.hello = hello;
        ChatCompletionCreateParams.Builder beginning =
                ChatCompletionCreateParams.builder()
                        .model(hello.model())
                        .addSystemMessage(hello.task().instructions());
        for (Hello.Tool tool : hello.task().tools()) {
            Class<?> type = Tools.classOf(tool.name());
            if (type != null) {
                beginning.addTool(type);
            } else {
                beginning.addTool(raw(tool));
            }
        }
        this.beginning =
                hello.output().isPresent()
                        ? beginning.responseFormat(Summary.class).build().rawParams()
                        : beginning.build();
    }

    private static ChatCompletionFunctionTool raw(Hello.Tool tool) {
        FunctionParameters.Builder parameters = FunctionParameters.builder();
        tool.parameters().forEach((name, value) -> parameters.putAdditionalProperty(name, JsonValue.from(value)));
        return ChatCompletionFunctionTool.builder()
                .function(
                        FunctionDefinition.builder()
                                .name(tool.name())
                                .description(tool.description())
                                .parameters(parameters.build())
                                .build())
                .build();
    }

    String run(String prompt) throws IOException, InterruptedException {
        ChatCompletionCreateParams.Builder request = beginning.toBuilder().addUserMessage(prompt);
        for (int turn = 0; turn < hello.task().maxTurns(); turn++) {
            ChatCompletionMessage message = ask(request.build()).choices().get(0).message();
            request.addMessage(message);
            List<ChatCompletionMessageFunctionToolCall> calls =
                    message.toolCalls().orElse(List.of()).stream()
                            .map(ChatCompletionMessageToolCall::asFunction)
                            .toList();
            if (calls.isEmpty()) {
                try {
                    return answer(message);
                } catch (OpenAIInvalidDataException misfit) {
                    request.addUserMessage(Summary.misfit(misfit));
                    continue;
                }
            }
            tools.sideBySide(calls, this::resultOf).forEach(request::addMessage);
        }
        throw new IOException("no answer within " + hello.task().maxTurns() + " turns");
    }

    /** One LLM call. */
    private ChatCompletion ask(ChatCompletionCreateParams request) {
        if (!hello.stream()) {
            return client.chat().completions().create(request);
        }
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> chunks = client.chat().completions().createStreaming(request)) {
            chunks.stream()
                    .peek(accumulator::accumulate)
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .filter(text -> !text.isEmpty())
                    .forEach(text -> FirstText.ofThisRun().seen());
        }
        return accumulator.chatCompletion();
    }

    private String answer(ChatCompletionMessage message) {
        if (hello.output().isEmpty()) {
            return message.content().orElse("");
        }
        return Json.asAnswer(
                new StructuredChatCompletionMessage<>(Summary.class, message).content().orElseThrow());
    }

    /** What the model is told of a call; a failure is told too. */
    private ChatCompletionToolMessageParam resultOf(ChatCompletionMessageFunctionToolCall call) {
        ChatCompletionToolMessageParam.Builder message =
                ChatCompletionToolMessageParam.builder().toolCallId(call.id());
        try {
            message.contentAsJson(tools.call(call.function().name(), call.function()::arguments));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            message.content("Error: interrupted");
        } catch (Exception error) {
            message.content("Error: " + error.getMessage());
        }
        return message.build();
    }
}
