import ai.koog.agents.core.agent.AIAgent;
import ai.koog.agents.core.agent.config.AIAgentConfig;
import ai.koog.agents.core.tools.ToolRegistry;
import ai.koog.http.client.ktor.KtorKoogHttpClient;
import ai.koog.prompt.Prompt;
import ai.koog.prompt.executor.clients.ConnectionTimeoutConfig;
import ai.koog.prompt.executor.clients.openai.OpenAIClientSettings;
import ai.koog.prompt.executor.clients.openai.OpenAILLMClient;
import ai.koog.prompt.executor.clients.openai.OpenAIModels;
import ai.koog.prompt.executor.llms.MultiLLMPromptExecutor;
import ai.koog.prompt.llm.LLModel;
import ai.koog.serialization.jackson.JacksonSerializer;
import java.io.IOException;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Papers;
import loopmark.Runner;

/** A Koog agent: {@code AIAgent} with its single-run strategy, and tools by {@code @Tool}. */
public final class Main {
    /** A strategy is a graph, and the limit counts its nodes: a turn passes the model, the tools, and what is between. */
    private static final int NODES_PER_TURN = 4;

    public static void main(String[] arguments) {
        Identity identity =
                Identity.of(
                        "koog-agents-jvm",
                        Identity.artifactVersion("ai.koog", "koog-agents-jvm"),
                        "ktor-client-apache5 " + Identity.artifactVersion("io.ktor", "ktor-client-apache5-jvm"),
                        Feature.AGENT_PER_RUN,
                        Feature.CANCELLATION,
                        Feature.HEARTBEAT,
                        Feature.SYNTHETIC_TOOLS,
                        Feature.MANY_TOOLS,
                        Feature.HOLD_AGENTS);
        Runner.serve(arguments, identity, Main::build);
    }

    private static Agent.Factory build(Hello hello) throws IOException {
        MultiLLMPromptExecutor executor = new MultiLLMPromptExecutor(client(hello));
        ToolRegistry tools = Tools.offered(hello.task(), Papers.load(hello.task()));
        AIAgentConfig config =
                AIAgentConfig.builder()
                        .model(model(hello))
                        .prompt(Prompt.builder("research-assistant").system(hello.task().instructions()).build())
                        .maxAgentIterations(NODES_PER_TURN * hello.task().maxTurns())
                        .serializer(new JacksonSerializer())
                        .build();
        return () -> {
            AIAgent<String, String> agent =
                    AIAgent.builder().promptExecutor(executor).toolRegistry(tools).agentConfig(config).build();
            return agent::run;
        };
    }

    /** Koog puts the API's version into the paths, not into the base URL. */
    private static OpenAILLMClient client(Hello hello) {
        OpenAIClientSettings paths = new OpenAIClientSettings();
        OpenAIClientSettings settings =
                new OpenAIClientSettings(
                        hello.baseUrl().replaceFirst("/v1$", ""),
                        new ConnectionTimeoutConfig(),
                        paths.getChatCompletionsPath(),
                        paths.getResponsesAPIPath(),
                        paths.getEmbeddingsPath(),
                        paths.getModerationsPath(),
                        paths.getModelsPath());
        return new OpenAILLMClient("made-up", settings, new KtorKoogHttpClient.Factory());
    }

    /** The hello's model, with what Koog says of GPT-4o mini. */
    private static LLModel model(Hello hello) {
        LLModel known = OpenAIModels.Chat.GPT4oMini;
        return new LLModel(
                known.getProvider(),
                hello.model(),
                known.getCapabilities(),
                known.getContextLength(),
                known.getMaxOutputTokens());
    }
}
