package loopmark;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.LongFunction;

/** The conversation of docs/PROTOCOL.md, from the hello to the end of the input. */
public final class Runner {
    private final Identity identity;
    private final Agent.Build build;
    private final BufferedReader in;
    private final OutputStream out;

    private Runner(Identity identity, Agent.Build build, InputStream in, OutputStream out) {
        this.identity = identity;
        this.build = build;
        // A decoder, unlike a character set, refuses bytes that are no UTF-8.
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        this.out = new BufferedOutputStream(out);
    }

    /**
     * Serves the harness until it closes standard input, then exits. With the argument {@code
     * --version} it prints the framework and its version instead.
     *
     * <p>It takes standard output away first, so that a stray {@code System.out.println} lands in the
     * log and not in the protocol.
     */
    public static void serve(String[] arguments, Identity identity, Agent.Build build) {
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        System.setOut(System.err);
        int exitCode = 0;
        try {
            if (Arrays.equals(arguments, new String[] {"--version"})) {
                String line = identity.framework() + " " + identity.version() + "\n";
                out.write(line.getBytes(StandardCharsets.UTF_8));
            } else {
                new Runner(identity, build, System.in, out).converse();
            }
        } catch (Refusal refusal) {
            System.err.println("runner: " + refusal.getMessage());
            exitCode = 1;
        } catch (Throwable error) {
            error.printStackTrace();
            exitCode = 1;
        }
        // A framework's own threads keep no runner alive.
        System.exit(exitCode);
    }

    private void converse() throws Exception {
        Map<String, Object> imported = new LinkedHashMap<>();
        imported.put("type", "imported");
        imported.put("protocol", Hello.PROTOCOL);
        write(imported);
        out.flush();
        String line = nextLine();
        if (line == null) {
            return;
        }
        Hello hello = Hello.of(message(line, "hello"));
        if (!identity.offers().containsAll(hello.needs())) {
            ready();
            while (nextLine() != null) {
                // Nothing was built, so nothing can be done: only the end is waited for.
            }
            return;
        }
        LongFunction<Agent> agentOf = agents(hello, build.build(hello));
        ExecutorService executor = Threads.executor();
        ready();
        while ((line = nextLine()) != null) {
            doBatch(agentOf, hello.task(), Batch.of(message(line, "batch")), executor);
        }
    }

    /** What gives an agent to the run of a number: one of those that are held, or a new one. */
    private static LongFunction<Agent> agents(Hello hello, Agent.Factory factory) throws Exception {
        if (hello.agentPerRun()) {
            return run -> prompt -> factory.create().run(prompt);
        }
        Agent[] held = new Agent[hello.agents()];
        for (int i = 0; i < held.length; i++) {
            held[i] = factory.create();
        }
        return run -> held[(int) (run % held.length)];
    }

    private void doBatch(
            LongFunction<Agent> agentOf, Hello.Task task, Batch batch, ExecutorService executor)
            throws IOException, InterruptedException {
        Heartbeat heartbeat = batch.heartbeat() ? Heartbeat.start(executor) : null;
        Samples samples = Runs.carryOut(agentOf, task, batch, executor);
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("type", "batch_done");
        done.put("batch", batch.number());
        if (heartbeat != null) {
            done.put("heartbeat_late_us", Arrays.stream(heartbeat.stop()).boxed().toList());
        }
        for (int index = 0; index < batch.runs(); index++) {
            write(samples.message(index));
        }
        write(done);
        out.flush();
    }

    private void ready() throws IOException {
        write(Ready.message(identity));
        out.flush();
    }

    private String nextLine() throws IOException {
        try {
            return in.readLine();
        } catch (CharacterCodingException e) {
            throw new Refusal("a line that is no UTF-8");
        }
    }

    private static Fields message(String line, String wanted) {
        Fields message;
        try {
            message = Fields.of("message", Json.parse(line));
        } catch (Json.Malformed error) {
            String start = line.length() > 200 ? line.substring(0, 200) + "…" : line;
            throw new Refusal("expected a " + wanted + ", got `" + start + "`: " + error.getMessage());
        }
        String type = message.text("type");
        if (!type.equals(wanted)) {
            throw new Refusal("expected a " + wanted + ", got a " + type);
        }
        return new Fields(wanted, message.values());
    }

    private void write(Map<String, Object> message) throws IOException {
        out.write((Json.write(message) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
