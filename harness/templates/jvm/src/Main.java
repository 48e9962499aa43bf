import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import loopmark.Agent;
import loopmark.Feature;
import loopmark.Hello;
import loopmark.Identity;
import loopmark.Papers;
import loopmark.Runner;
import loopmark.Synthetic;

/** The agent loop of @name@. */
public final class Main {
    public static void main(String[] arguments) {
        // FILL IN: the framework's artifact and its HTTP client. Identity.artifactVersion(group, artifact) reads the
        // version from the jar.
        String version = Identity.javaVersion();
        // Feature.STREAMING too, once the agent does what hello.stream() asks for.
        Identity identity =
                Identity.of(
                        "java",
                        version,
                        "java.net.http " + version,
                        Feature.AGENT_PER_RUN,
                        Feature.CANCELLATION,
                        Feature.HEARTBEAT,
                        Feature.SYNTHETIC_TOOLS);
        Runner.serve(arguments, identity, Main::build);
    }

    /** Makes what all agents share, and gives what makes an agent. */
    private static Agent.Factory build(Hello hello) throws IOException {
        Map<String, Function<Map<?, ?>, Object>> tools = tools(Papers.load(hello.task()));
        // >>> FILL IN: the framework's model, from hello.baseUrl(), hello.api() and hello.model(), and the agent with
        // hello.task().instructions() and hello.task().offered(tools). A run has a thread to itself, and may block.
        return () -> prompt -> {
            throw new UnsupportedOperationException("the agent is not written yet: fill in src/Main.java");
        };
        // <<<
    }

    /** The scenarios' tools by name; a framework's own way to declare a tool goes here. */
    private static Map<String, Function<Map<?, ?>, Object>> tools(Papers papers) {
        Map<String, Function<Map<?, ?>, Object>> tools = new LinkedHashMap<>();
        tools.put(
                "search_papers",
                with -> papers.searchPapers((String) with.get("query"), whole(with, "limit")));
        tools.put("read_paper", with -> papers.readPaper((String) with.get("id")));
        tools.put("word_count", with -> Papers.wordCount((String) with.get("text")));
        tools.put("wait", with -> Synthetic.waitFor(whole(with, "ms")));
        tools.put("block", with -> Synthetic.block(whole(with, "ms")));
        tools.put("compute", with -> Synthetic.compute(whole(with, "ms")));
        tools.put("payload", with -> Synthetic.payload(whole(with, "bytes")));
        tools.put("fail", with -> Synthetic.fail((String) with.get("message")));
        return tools;
    }

    private static int whole(Map<?, ?> arguments, String name) {
        return Math.toIntExact(((Number) arguments.get(name)).longValue());
    }
}
