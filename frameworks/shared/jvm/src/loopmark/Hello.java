package loopmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the model is and what the agent is to do.
 *
 * @param baseUrl with /v1 and without a trailing slash
 * @param api the API to speak
 * @param model the model's name
 * @param stream whether to ask for streamed replies; false leaves it as the framework ships
 * @param agentPerRun whether each run builds its own agent
 * @param agents how many agents are built before the first run and kept
 * @param output what the answer must be, instead of a text
 * @param tracing the URL that the framework's own tracing sends to; without it, tracing is off
 * @param handoff the agent that the first one hands over to, if there is one
 * @param task the agent's task
 */
public record Hello(
        String baseUrl,
        Api api,
        String model,
        boolean stream,
        boolean agentPerRun,
        int agents,
        Optional<Output> output,
        Optional<String> tracing,
        Optional<Handoff> handoff,
        Task task) {

    /** The newest version of the protocol; the older ones are read too. */
    static final long PROTOCOL = 2;

    private static final Set<String> SYNTHETIC_TOOLS =
            Set.of("wait", "block", "compute", "payload", "tally", "fail");

    /** An OpenAI API. */
    public enum Api {
        /** {@code POST /v1/chat/completions} */
        CHAT_COMPLETIONS,
        /** {@code POST /v1/responses} */
        RESPONSES
    }

    /** Reads the protocol's {@code hello}. */
    static Hello of(Fields message) {
        long protocol = message.whole("protocol", 0, Long.MAX_VALUE);
        if (protocol < 1 || protocol > PROTOCOL) {
            throw new Refusal("this runner speaks protocol 1 to " + PROTOCOL + ", not " + protocol);
        }
        return new Hello(
                message.text("base_url"),
                api(message.text("api")),
                message.text("model"),
                message.flag("stream"),
                isPerRun(message),
                message.has("agents") ? message.count("agents", 1) : 1,
                message.has("output") ? Optional.of(Output.of(message.fields("output"))) : Optional.empty(),
                message.has("tracing") ? Optional.of(message.text("tracing")) : Optional.empty(),
                message.has("handoff") ? Optional.of(Handoff.of(message.fields("handoff"))) : Optional.empty(),
                Task.of(message.fields("scenario")));
    }

    private static Api api(String name) {
        return switch (name) {
            case "chat-completions" -> Api.CHAT_COMPLETIONS;
            case "responses" -> Api.RESPONSES;
            default -> throw new Refusal("no API is called " + name);
        };
    }

    private static boolean isPerRun(Fields message) {
        String life = message.has("agent") ? message.text("agent") : "shared";
        return switch (life) {
            case "shared" -> false;
            case "per-run" -> true;
            default -> throw new Refusal("no agent lives " + life);
        };
    }

    /** What a runner must offer to serve this hello. */
    Set<Feature> needs() {
        Set<Feature> needs = EnumSet.noneOf(Feature.class);
        if (stream) {
            needs.add(Feature.STREAMING);
        }
        if (agentPerRun) {
            needs.add(Feature.AGENT_PER_RUN);
        }
        if (task.tools.stream().anyMatch(tool -> SYNTHETIC_TOOLS.contains(tool.name))) {
            needs.add(Feature.SYNTHETIC_TOOLS);
        }
        if (task.tools.stream().anyMatch(tool -> Synthetic.sectionOf(tool.name).isPresent())) {
            needs.add(Feature.MANY_TOOLS);
        }
        if (agents > 1) {
            needs.add(Feature.HOLD_AGENTS);
        }
        if (output.isPresent()) {
            needs.add(Feature.STRUCTURED_OUTPUT);
        }
        if (tracing.isPresent()) {
            needs.add(Feature.TRACING);
        }
        if (handoff.isPresent()) {
            needs.add(Feature.HANDOFF);
        }
        return needs;
    }

    /** This hello, with another task. */
    public Hello withTask(Task task) {
        return new Hello(baseUrl, api, model, stream, agentPerRun, agents, output, tracing, handoff, task);
    }

    /**
     * The structure of an answer.
     *
     * @param name what the structure is called
     * @param schema the JSON schema of an object
     */
    public record Output(String name, Map<String, Object> schema) {

        static Output of(Fields output) {
            return new Output(output.text("name"), output.fields("schema").values());
        }
    }

    /**
     * A second agent, with the first one's model and tools.
     *
     * @param name its name
     * @param description what it is for, for the first agent's model
     * @param instructions its own instructions
     */
    public record Handoff(String name, String description, String instructions) {

        static Handoff of(Fields handoff) {
            return new Handoff(
                    handoff.text("name"), handoff.text("description"), handoff.text("instructions"));
        }
    }

    /**
     * What a runner needs of a scenario.
     *
     * @param name the scenario's name
     * @param instructions the agent's system prompt
     * @param prompt the user's prompt, in which {run} stands for the run's number
     * @param tools the tools that the agent must offer, in order
     * @param data names of data sets and the files that hold them
     * @param maxTurns a turn limit that the script stays well below
     */
    public record Task(
            String name,
            String instructions,
            String prompt,
            List<Tool> tools,
            Map<String, Path> data,
            int maxTurns) {

        static Task of(Fields scenario) {
            List<Tool> tools = new ArrayList<>();
            for (Object tool : scenario.list("tools")) {
                tools.add(Tool.of(Fields.of("tool", tool)));
            }
            Map<String, Path> data = new LinkedHashMap<>();
            Fields files = scenario.fields("data");
            files.values().keySet().forEach(name -> data.put(name, Path.of(files.text(name))));
            return new Task(
                    scenario.text("name"),
                    scenario.text("instructions"),
                    scenario.text("prompt"),
                    tools,
                    data,
                    scenario.count("max_turns", 1));
        }

        /** This task, with other instructions. */
        public Task withInstructions(String instructions) {
            return new Task(name, instructions, prompt, tools, data, maxTurns);
        }

        /** This task, with one more tool. */
        public Task withTool(Tool tool) {
            List<Tool> tools = new ArrayList<>(this.tools);
            tools.add(tool);
            return new Task(name, instructions, prompt, tools, data, maxTurns);
        }

        /** The prompt of one run. */
        public String promptFor(long run) {
            return prompt.replace("{run}", Long.toString(run));
        }

        /**
         * Those of the runner's tools, by their names, that the scenario offers, in its order.
         *
         * @throws Refusal if the runner lacks one
         */
        public <T> List<T> offered(Map<String, T> byName) {
            List<String> missing =
                    tools.stream().map(Tool::name).filter(name -> !byName.containsKey(name)).toList();
            if (!missing.isEmpty()) {
                throw new Refusal(
                        "scenario " + name + " wants tools this runner lacks: " + String.join(", ", missing));
            }
            List<T> offered = new ArrayList<>();
            tools.forEach(tool -> offered.add(byName.get(tool.name)));
            return offered;
        }
    }

    /**
     * A tool as the model is told of it.
     *
     * @param name the function's name
     * @param description what it does, in a sentence
     * @param parameters the JSON schema of its arguments
     */
    public record Tool(String name, String description, Map<String, Object> parameters) {

        static Tool of(Fields tool) {
            return new Tool(
                    tool.text("name"), tool.text("description"), tool.fields("parameters").values());
        }
    }
}
