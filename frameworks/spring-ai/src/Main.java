import java.io.IOException;
import java.util.List;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.FirstText;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Json;
import loopmark.Papers;
import loopmark.Refusal;
import loopmark.Runner;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClient.EntityParamSpec;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** A Spring AI agent: a chat client over the OpenAI model, with tools by {@code @Tool}. */
public final class Main {
    /** What the hello asks for as the answer, where it asks for a structure. */
    record Summary(String title, int words, List<String> topics) {}

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "spring-ai-client-chat",
                        Identity.artifactVersion("org.springframework.ai", "spring-ai-client-chat"),
                        "okhttp " + Identity.artifactVersion("com.squareup.okhttp3", "okhttp"),
                        Feature.usual());
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        if (hello.stream() && hello.output().isPresent()) {
            throw new Refusal("a chat client streams texts only, not answers of a structure");
        }
        OpenAiChatModel model =
                OpenAiChatModel.builder()
                        .options(
                                OpenAiChatOptions.builder()
                                        .baseUrl(hello.baseUrl())
                                        .apiKey("made-up")
                                        .model(hello.model())
                                        .build())
                        .build();
        List<Object> tools = Tools.offered(hello.task(), Papers.load(hello.task()));
        return () -> {
            List<Object> offered =
                    hello.handoff()
                            .map(second -> Tools.and(tools, second, agent(model, hello, second.instructions(), tools)))
                            .orElse(tools);
            return agent(model, hello, hello.task().instructions(), offered);
        };
    }

    private static Agent agent(OpenAiChatModel model, Hello hello, String instructions, List<Object> tools) {
        ChatClient client =
                ChatClient.builder(model)
                        .defaultSystem(instructions)
                        .defaultTools(tools.toArray())
                        .build();
        if (hello.output().isPresent()) {
            return prompt ->
                    Json.asAnswer(
                            client.prompt()
                                    .user(prompt)
                                    .call()
                                    .entity(Summary.class, EntityParamSpec::useProviderStructuredOutput));
        }
        if (hello.stream()) {
            return prompt -> {
                LastReply reply = new LastReply(FirstText.ofThisRun());
                client.prompt().user(prompt).stream().chatResponse().doOnNext(reply::add).blockLast();
                return reply.text.toString();
            };
        }
        return prompt -> client.prompt().user(prompt).call().content();
    }

    /** The text of the last reply of a stream, which brings those of all turns. */
    private static final class LastReply {
        private final StringBuilder text = new StringBuilder();
        private final FirstText firstText;
        private String id = "";

        LastReply(FirstText firstText) {
            this.firstText = firstText;
        }

        void add(ChatResponse piece) {
            String id = piece.getMetadata().getId();
            if (!id.equals(this.id)) {
                this.id = id;
                text.setLength(0);
            }
            String said = piece.getResult() == null ? null : piece.getResult().getOutput().getText();
            if (said != null && !said.isEmpty()) {
                firstText.seen();
                text.append(said);
            }
        }
    }
}
