package loopmark;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;

/** A runner without a framework, for the tests of the protocol: its model's name and its prompt say what it does. */
public final class FakeRunner {
    private static final Map<Integer, CyclicBarrier> MEETINGS = new ConcurrentHashMap<>();
    private static final AtomicInteger AGENTS = new AtomicInteger();

    public static void main(String[] arguments) {
        Feature[] offers =
                System.getenv("OFFERS_NOTHING") == null ? Feature.usual() : new Feature[0];
        Identity identity =
                Identity.of(
                        "fake-agent",
                        Identity.artifactVersion("fake", "fake-agent"),
                        "fake-http " + Identity.artifactVersion("fake", "fake-http"),
                        offers);
        Runner.serve(arguments, identity, FakeRunner::build);
    }

    private static Agent.Factory build(Hello hello) {
        System.out.println("a stray line");
        List<String> tools = hello.task().offered(Map.of("ask", "asked", "wait", "waited"));
        return () -> {
            int agent = AGENTS.incrementAndGet();
            return prompt ->
                    switch (hello.model()) {
                        case "agents" -> "agent " + agent;
                        case "tools" -> String.join(",", tools) + (hello.stream() ? " streamed" : "");
                        case "threads" -> Thread.currentThread().getName();
                        default -> answer(prompt);
                    };
        };
    }

    private static String answer(String prompt) throws InterruptedException {
        if (prompt.startsWith("null")) {
            return null;
        }
        if (prompt.startsWith("failure")) {
            throw new IllegalArgumentException("no answer to " + prompt + " " + "x".repeat(1000));
        }
        if (prompt.startsWith("overflow")) {
            return answer(prompt) + answer(prompt);
        }
        if (prompt.startsWith("called")) {
            return Long.toString(System.nanoTime());
        }
        if (prompt.startsWith("together")) {
            meet(Integer.parseInt(prompt.split(" ")[1]));
        }
        if (prompt.startsWith("stubborn")) {
            return stubborn(prompt);
        }
        // Even runs go on until they are interrupted, odd ones answer at once.
        if (prompt.startsWith("long")) {
            return prompt.matches(".*[02468]") ? forever() : prompt;
        }
        Thread.sleep(20);
        return prompt.toUpperCase(java.util.Locale.ROOT);
    }

    /** Returns when so many runs have come here, however long that takes. */
    private static void meet(int runs) throws InterruptedException {
        try {
            MEETINGS.computeIfAbsent(runs, CyclicBarrier::new).await();
        } catch (BrokenBarrierException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static String forever() throws InterruptedException {
        Thread.sleep(Long.MAX_VALUE);
        return "slept";
    }

    private static String stubborn(String prompt) {
        try {
            return forever();
        } catch (InterruptedException interrupted) {
            return "not to be stopped";
        }
    }
}
