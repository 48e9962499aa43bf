package loopmark;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The synthetic tools of docs/TOOLS.md: waiting, blocking, computing, returning much, counting, looking up, failing.
 *
 * <p>A tool whose thread is interrupted leaves the thread marked as interrupted, as Java code should:
 * the framework sees it at its next blocking call even if it makes a result of the exception.
 */
public final class Synthetic {
    private static final String PATTERN = "0123456789abcdef";
    private static final Pattern LOOKUP = Pattern.compile("lookup_([0-9]{1,9})");

    private Synthetic() {}

    /** {@code wait}: sleeps; on a virtual thread that keeps no platform thread from other work. */
    public static Map<String, Object> waitFor(int ms) {
        sleep(ms);
        return Map.of("waited_ms", ms);
    }

    /** {@code block}: sleeps in the thread that calls it. */
    public static Map<String, Object> block(int ms) {
        sleep(ms);
        return Map.of("blocked_ms", ms);
    }

    private static void sleep(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** {@code compute}: keeps a processor busy until so much CPU time of its thread has passed. */
    public static Map<String, Object> compute(int ms) {
        long endNs = cpuNs() + ms * 1_000_000L;
        while (cpuNs() < endNs) {
            Thread.onSpinWait();
        }
        return Map.of("computed_ms", ms);
    }

    /** CPU time of the calling thread; wall time on a virtual thread, for which the JDK has no such clock. */
    private static long cpuNs() {
        return Threads.ARE_VIRTUAL ? System.nanoTime() : Cpu.THREADS.getCurrentThreadCpuTime();
    }

    /** Loaded by the first computation only: the bean brings many classes with it. */
    private static final class Cpu {
        static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    }

    /** {@code payload}: so many characters. */
    public static Map<String, Object> payload(int bytes) {
        int rounds = bytes / PATTERN.length() + 1;
        return Map.of("payload", PATTERN.repeat(rounds).substring(0, bytes));
    }

    /** {@code tally}: counts the items. */
    public static Map<String, Object> tally(List<String> items) {
        return Map.of("count", items.size());
    }

    /** The section of the handbook in which a tool of this name looks up: 3 for {@code lookup_3}. */
    public static OptionalInt sectionOf(String name) {
        Matcher lookup = LOOKUP.matcher(name);
        return lookup.matches() ? OptionalInt.of(Integer.parseInt(lookup.group(1))) : OptionalInt.empty();
    }

    /** {@code lookup_1} and so on: so many entries on a topic in a section of the handbook. */
    public static Map<String, Object> lookUp(int section, String topic, int limit) {
        return Map.of("section", section, "topic", topic, "entries", limit);
    }

    /** {@code fail}: fails with this message. */
    public static Map<String, Object> fail(String message) {
        throw new IllegalStateException(message);
    }
}
