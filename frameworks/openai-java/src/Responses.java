import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.StructuredResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Json;

/** The loop over the Responses API. */
final class Responses {
    private final OpenAIClient client;
    private final Tools tools;
    private final Hello hello;

    /** Without the input. The SDK makes the tools' schemas when they are added. */
    private final ResponseCreateParams beginning;

    Responses(OpenAIClient client, Tools tools, Hello hello) {
        this.client = client;
        this.tools = tools;
        this.hello = hello;
        ResponseCreateParams.Builder beginning =
                ResponseCreateParams.builder()
                        .model(hello.model())
                        .instructions(hello.task().instructions());
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
                        ? beginning.text(Summary.class).build().rawParams()
                        : beginning.build();
    }

    private static FunctionTool raw(Hello.Tool tool) {
        FunctionTool.Parameters.Builder parameters = FunctionTool.Parameters.builder();
        tool.parameters().forEach((name, value) -> parameters.putAdditionalProperty(name, JsonValue.from(value)));
        return FunctionTool.builder()
                .name(tool.name())
                .description(tool.description())
                .parameters(parameters.build())
                .strict(false)
                .build();
    }

    String run(String prompt) throws IOException, InterruptedException {
        List<ResponseInputItem> items = new ArrayList<>();
        items.add(userMessage(prompt));
        for (int turn = 0; turn < hello.task().maxTurns(); turn++) {
            Response response = ask(beginning.toBuilder().inputOfResponse(items).build());
            List<ResponseFunctionToolCall> calls = new ArrayList<>();
            for (ResponseOutputItem item : response.output()) {
                if (item.isFunctionCall()) {
                    calls.add(item.asFunctionCall());
                    items.add(ResponseInputItem.ofFunctionCall(item.asFunctionCall()));
                } else if (item.isMessage()) {
                    items.add(ResponseInputItem.ofResponseOutputMessage(item.asMessage()));
                }
            }
            if (calls.isEmpty()) {
                try {
                    return answer(response);
                } catch (OpenAIInvalidDataException misfit) {
                    items.add(userMessage(Summary.misfit(misfit)));
                    continue;
                }
            }
            items.addAll(tools.sideBySide(calls, this::resultOf));
        }
        throw new IOException("no answer within " + hello.task().maxTurns() + " turns");
    }

    private static ResponseInputItem userMessage(String text) {
        return ResponseInputItem.ofEasyInputMessage(
                EasyInputMessage.builder().role(EasyInputMessage.Role.USER).content(text).build());
    }

    /** One LLM call. */
    private Response ask(ResponseCreateParams request) {
        if (!hello.stream()) {
            return client.responses().create(request);
        }
        ResponseAccumulator accumulator = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> events = client.responses().createStreaming(request)) {
            events.stream()
                    .peek(accumulator::accumulate)
                    .flatMap(event -> event.outputTextDelta().stream())
                    .forEach(text -> FirstText.ofThisRun().seen());
        }
        return accumulator.response();
    }

    private String answer(Response response) {
        if (hello.output().isEmpty()) {
            return response.output().stream()
                    .flatMap(item -> item.message().stream())
                    .flatMap(message -> message.content().stream())
                    .flatMap(content -> content.outputText().stream())
                    .map(text -> text.text())
                    .collect(Collectors.joining());
        }
        Summary summary =
                new StructuredResponse<>(Summary.class, response)
                        .output().stream()
                                .flatMap(item -> item.message().stream())
                                .flatMap(message -> message.content().stream())
                                .flatMap(content -> content.outputText().stream())
                                .findFirst()
                                .orElseThrow();
        return Json.asAnswer(summary);
    }

    /** What the model is told of a call; a failure is told too. */
    private ResponseInputItem resultOf(ResponseFunctionToolCall call) {
        ResponseInputItem.FunctionCallOutput.Builder output =
                ResponseInputItem.FunctionCallOutput.builder().callId(call.callId());
        try {
            output.outputAsJson(tools.call(call.name(), call::arguments));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            output.output("Error: interrupted");
        } catch (Exception error) {
            output.output("Error: " + error.getMessage());
        }
        return ResponseInputItem.ofFunctionCallOutput(output.build());
    }
}
