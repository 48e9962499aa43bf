package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** The protocol as the harness sees it: a fake runner's process, its two streams and its exit. */
class ProtocolTest {
    private static final String HELLO =
            """
            {"type": "hello", "protocol": 1, "base_url": "http://127.0.0.1:9/v1", "model": "fake",
             "api": "chat-completions", "scenario": {"name": "fake", "instructions": "", "data": {},
             "prompt": "prompt {run}", "tools": [{"name": "ask", "description": "", "parameters": {}}],
             "max_turns": 10, "a-field-of-a-newer-harness": 1}}
            """
                    .replace("\n", "");
    private static final String BATCH =
            "{\"type\":\"batch\",\"batch\":1,\"first_run\":0,\"runs\":4,\"level\":2,"
                    + "\"arrival\":\"closed\",\"answers\":\"digest\"}";

    private static String hello(String prompt) {
        return HELLO.replace("prompt {run}", prompt);
    }

    private static String batch(int runs, int level, String arrival) {
        return BATCH.replace("\"runs\":4", "\"runs\":" + runs)
                .replace("\"level\":2", "\"level\":" + level)
                .replace("\"closed\"", arrival);
    }

    private static String more(String message, String fields) {
        return message.substring(0, message.length() - 1) + "," + fields + "}";
    }

    /** What the runner wrote between {@code ready} and the last {@code batch_done}, in the runs' order. */
    private static List<Map<?, ?>> samples(String... lines) {
        List<Map<?, ?>> written = conversation(lines);
        List<Map<?, ?>> samples = new ArrayList<>(written.subList(2, written.size() - 1));
        samples.sort(Comparator.comparing(sample -> (Long) sample.get("run")));
        return samples;
    }

    private static List<Map<?, ?>> conversation(String... lines) {
        FakeProcess.Ended ended = FakeProcess.run(lines);
        assertEquals(0, ended.exitCode(), ended.stderr());
        List<Map<?, ?>> written = ended.messages();
        assertEquals("imported", written.get(0).get("type"));
        assertEquals("ready", written.get(1).get("type"));
        assertEquals("batch_done", written.get(written.size() - 1).get("type"));
        return written;
    }

    @Test
    void ready_carries_the_installed_versions_and_what_is_offered() {
        FakeProcess.Ended ended = FakeProcess.run(HELLO);
        assertEquals(0, ended.exitCode(), ended.stderr());
        assertEquals(Map.of("type", "imported", "protocol", 2L), ended.messages().get(0));
        Map<?, ?> ready = ended.messages().get(1);
        assertEquals("fake-agent", ready.get("framework"));
        assertEquals("1.2.3", ready.get("version"));
        assertEquals("fake-http 4.5", ready.get("http_client"));
        String threads = Runtime.version().feature() >= 21 ? "virtual threads" : "platform threads";
        String runtime = "OpenJDK " + System.getProperty("java.version") + ", " + threads + ", ";
        assertTrue(
                ready.get("runtime").toString().matches(Pattern.quote(runtime) + ".+, heap limit [0-9]+ MiB"),
                ready.get("runtime").toString());
        List<String> all =
                List.of(
                        "streaming", "agent-per-run", "cancellation", "heartbeat", "synthetic-tools",
                        "many-tools", "hold-agents", "structured-output",
                        "handoff");
        assertEquals(all, ready.get("offers"));
        assertEquals(2, ended.messages().size());
    }

    @Test
    void runs_have_virtual_threads_where_the_jdk_has_them_unless_platform_threads_are_asked_for() {
        // A virtual thread has no name, one of a pool has.
        boolean hasVirtual = Runtime.version().feature() >= 21;
        assertThreads(hasVirtual ? "virtual threads" : "platform threads", hasVirtual ? "" : "pool-", Map.of());
        assertThreads("platform threads", "pool-", Map.of(Threads.VARIABLE, "platform"));
    }

    private static void assertThreads(String threads, String name, Map<String, String> environment) {
        String hello = HELLO.replace("\"model\": \"fake\"", "\"model\": \"threads\"");
        String batch = batch(1, 1, "\"closed\"").replace("digest", "text");
        List<Map<?, ?>> written = FakeProcess.runWith(environment, List.of(), hello, batch).messages();
        assertTrue(written.get(1).get("runtime").toString().contains(", " + threads + ", "), written.toString());
        String found = written.get(2).get("answer").toString();
        assertTrue(name.isEmpty() ? found.isEmpty() : found.startsWith(name), found);
    }

    @Test
    void version_prints_one_line() {
        FakeProcess.Ended ended = FakeProcess.runWith(Map.of(), List.of("--version"));
        assertEquals("fake-agent 1.2.3\n", ended.stdout());
        assertEquals(0, ended.exitCode());
    }

    @Test
    void the_end_of_input_ends_the_runner_well() {
        FakeProcess.Ended ended = FakeProcess.run();
        assertEquals("{\"type\":\"imported\",\"protocol\":2}\n", ended.stdout());
        assertEquals(0, ended.exitCode());
    }

    @Test
    void stray_output_goes_to_the_log() {
        FakeProcess.Ended ended = FakeProcess.run(HELLO);
        assertTrue(ended.stderr().contains("a stray line"), ended.stderr());
        assertFalse(ended.stdout().contains("a stray line"));
    }

    @Test
    void a_digest_is_zlibs_crc32_of_the_answer() {
        String batch = BATCH.replace("\"first_run\":0", "\"first_run\":40");
        List<Map<?, ?>> samples = samples(HELLO, batch);
        assertEquals(List.of(40L, 41L, 42L, 43L), samples.stream().map(s -> s.get("run")).toList());
        for (Map<?, ?> sample : samples) {
            CRC32 crc = new CRC32();
            crc.update(("PROMPT " + sample.get("run")).getBytes(StandardCharsets.UTF_8));
            assertEquals(crc.getValue(), sample.get("answer_crc32"));
            assertTrue(end(sample) - start(sample) >= 20_000_000);
            assertNull(sample.get("answer"));
        }
    }

    @Test
    void an_answer_can_be_told_in_full_and_batches_follow_each_other() {
        String texts = batch(1, 1, "\"closed\"").replace("digest", "text");
        String second = texts.replace("\"batch\":1", "\"batch\":4294967295");
        List<Map<?, ?>> written = conversation(hello("Grüße {run}"), texts, second);
        assertEquals("GRÜSSE 0", written.get(2).get("answer"));
        assertNull(written.get(2).get("answer_crc32"));
        assertEquals(Map.of("type", "batch_done", "batch", 1L), written.get(3));
        assertEquals(4294967295L, written.get(4).get("batch"));
    }

    @Test
    void closed_arrival_keeps_the_level_in_flight() {
        // Each run waits until there are three.
        assertEquals(3, mostInFlight(samples(hello("together 3"), batch(6, 3, "\"closed\""))));
    }

    @Test
    void the_workers_of_a_closed_loop_start_over_its_ramp() {
        // Each run waits for the fourth, so none is a worker's second. The batch begins when the one before it has ended.
        String before = batch(4, 4, "\"closed\"");
        List<Map<?, ?>> written = conversation(hello("together 4"), before, more(before, "\"ramp_ms\":1200"));
        long endedNs = written.subList(2, 6).stream().mapToLong(ProtocolTest::end).max().getAsLong();
        long[] starts = written.subList(7, 11).stream().mapToLong(ProtocolTest::start).sorted().toArray();
        for (int worker = 0; worker < 4; worker++) {
            assertTrue(starts[worker] - endedNs >= worker * 300_000_000L, "worker " + worker);
        }
    }

    @Test
    void burst_arrival_starts_everything_at_once() {
        // Each run waits for the eighth.
        String texts = batch(8, 1, "\"burst\"").replace("digest", "text");
        assertEquals(Set.of("TOGETHER 8"), answers(samples(hello("together 8"), texts)));
    }

    @Test
    void every_run_of_a_burst_counts_from_the_batchs_beginning() {
        String texts = batch(8, 1, "\"burst\"").replace("digest", "text");
        List<Map<?, ?>> samples = samples(hello("called"), texts);
        long beganNs = start(samples.get(0));
        for (Map<?, ?> sample : samples) {
            assertEquals(beganNs, start(sample));
            assertTrue(beganNs <= Long.parseLong((String) sample.get("answer")), sample.toString());
        }
    }

    @Test
    void a_level_above_the_number_of_runs_starts_no_run_twice() {
        assertEquals(3, samples(HELLO, batch(3, 50, "\"closed\"")).size());
    }

    @Test
    void rate_arrival_stamps_the_intended_starts_and_does_not_drift() {
        List<Map<?, ?>> samples = samples(HELLO, batch(50, 1, "{\"rate\":500.0}"));
        for (int i = 0; i < 50; i++) {
            assertEquals(start(samples.get(0)) + i * 2_000_000L, start(samples.get(i)));
            assertTrue(end(samples.get(i)) - start(samples.get(i)) >= 20_000_000);
        }
    }

    @Test
    void a_run_that_is_cancelled_comes_back() {
        String batch = more(batch(4, 2, "\"closed\""), "\"cancel_after_ms\":300");
        List<Map<?, ?>> samples = samples(hello("long {run}"), batch);
        for (int run = 0; run < 4; run += 2) {
            Map<?, ?> cancelled = samples.get(run);
            assertEquals(true, cancelled.get("cancelled"));
            assertEquals(Set.of("type", "batch", "run", "start_ns", "end_ns", "cancelled"), cancelled.keySet());
            long tookNs = end(cancelled) - start(cancelled);
            assertTrue(tookNs >= 300_000_000, tookNs + " ns");
        }
    }

    @Test
    void after_a_cancelled_run_its_worker_goes_on_and_so_does_the_next_batch() {
        String cancelling = more(batch(2, 1, "\"closed\""), "\"cancel_after_ms\":300");
        String plain = batch(1, 1, "\"closed\"").replace("\"first_run\":0", "\"first_run\":7");
        List<Map<?, ?>> written = conversation(hello("long {run}"), cancelling, plain);
        assertEquals(true, written.get(2).get("cancelled"));
        assertTrue(written.get(3).containsKey("answer_crc32"), written.toString());
        assertTrue(written.get(5).containsKey("answer_crc32"), written.toString());
    }

    @Test
    void a_run_that_answers_in_spite_of_its_cancellation_has_answered() {
        String batch = more(batch(1, 1, "\"burst\"").replace("digest", "text"), "\"cancel_after_ms\":50");
        Map<?, ?> sample = samples(hello("stubborn"), batch).get(0);
        assertEquals("not to be stopped", sample.get("answer"));
        assertNull(sample.get("cancelled"));
    }

    @Test
    void a_heartbeat_tells_how_late_it_was() {
        String batch = more(batch(10, 1, "\"closed\""), "\"heartbeat\":true");
        long before = System.nanoTime();
        List<Map<?, ?>> written = conversation(HELLO, batch);
        long tookNs = System.nanoTime() - before;
        List<?> late = (List<?>) written.get(written.size() - 1).get("heartbeat_late_us");
        // Ten runs of 20 ms one after another: a beat is due before the end of each. None is made up for.
        assertTrue(!late.isEmpty() && late.size() <= tookNs / 10_000_000, late + " in " + tookNs);
        assertTrue(late.stream().allMatch(us -> (Long) us >= 0), late.toString());
        assertNull(conversation(HELLO, BATCH).get(6).get("heartbeat_late_us"));
    }

    @Test
    void beats_are_multiples_of_ten_ms_and_missed_ones_are_not_made_up_for() {
        long startNs = 1_000_003;
        long[][] cases = {{0, 10}, {9, 10}, {10, 20}, {47, 50}};
        for (long[] nowAndDue : cases) {
            assertEquals(
                    startNs + nowAndDue[1] * 1_000_000,
                    Heartbeat.nextNs(startNs, startNs + nowAndDue[0] * 1_000_000));
        }
    }

    @Test
    void an_agent_is_shared_or_built_by_each_run() {
        String shared = HELLO.replace("\"model\": \"fake\"", "\"model\": \"agents\"");
        String texts = BATCH.replace("digest", "text");
        assertEquals(Set.of("agent 1"), answers(samples(shared, texts)));
        Set<Object> four = Set.of("agent 1", "agent 2", "agent 3", "agent 4");
        assertEquals(four, answers(samples(more(shared, "\"agent\":\"per-run\""), texts)));
    }

    @Test
    void runs_take_the_held_agents_in_turn() {
        String three = more(HELLO.replace("\"model\": \"fake\"", "\"model\": \"agents\""), "\"agents\":3");
        String batch = BATCH.replace("digest", "text").replace("\"first_run\":0", "\"first_run\":5");
        List<?> agents = samples(three, batch).stream().map(sample -> sample.get("answer")).toList();
        assertEquals(List.of("agent 3", "agent 1", "agent 2", "agent 3"), agents);
    }

    @Test
    void a_runner_is_told_to_stream_and_gets_the_tools_in_the_scenarios_order() {
        String tool = "{\"name\": \"ask\", \"description\": \"\", \"parameters\": {}}";
        String hello =
                HELLO.replace("\"model\": \"fake\"", "\"model\": \"tools\"")
                        .replace(tool, tool.replace("ask", "wait") + "," + tool);
        String texts = BATCH.replace("digest", "text");
        assertEquals(Set.of("waited,asked"), answers(samples(hello, texts)));
        Set<Object> streamed = Set.of("waited,asked streamed");
        assertEquals(streamed, answers(samples(more(hello, "\"stream\":true"), texts)));
    }

    private static Set<Object> answers(List<Map<?, ?>> samples) {
        Set<Object> answers = new HashSet<>();
        samples.forEach(sample -> answers.add(sample.get("answer")));
        return answers;
    }

    @Test
    void a_hello_that_needs_what_is_not_offered_builds_nothing_and_waits_for_the_end() {
        List<String> hellos =
                List.of(
                        more(HELLO, "\"stream\":true"),
                        more(HELLO, "\"agent\":\"per-run\""),
                        more(HELLO, "\"agents\":2"),
                        more(HELLO, "\"output\":{\"name\":\"summary\",\"schema\":{}}"),
                        more(HELLO, "\"tracing\":\"http://127.0.0.1:9/sink\""),
                        more(HELLO, "\"handoff\":{\"name\":\"w\",\"description\":\"\",\"instructions\":\"\"}"),
                        HELLO.replace("\"name\": \"ask\"", "\"name\": \"compute\""),
                        HELLO.replace("\"name\": \"ask\"", "\"name\": \"lookup_7\""));
        for (String hello : hellos) {
            FakeProcess.Ended ended =
                    FakeProcess.runWith(Map.of("OFFERS_NOTHING", "1"), List.of(), hello);
            assertEquals(0, ended.exitCode(), ended.stderr());
            assertEquals(2, ended.messages().size(), ended.stdout());
            assertEquals(List.of(), ended.messages().get(1).get("offers"));
            assertFalse(ended.stderr().contains("a stray line"), "it was built");
        }
    }

    @Test
    void a_failed_run_carries_a_short_error_and_the_others_go_on() {
        List<Map<?, ?>> samples = samples(hello("failure {run}"), BATCH);
        assertEquals(4, samples.size());
        for (Map<?, ?> sample : samples) {
            String error = (String) sample.get("error");
            assertTrue(error.startsWith("IllegalArgumentException: no answer to failure"), error);
            assertEquals(300, error.length());
            assertFalse(sample.containsKey("answer_crc32"));
        }
    }

    @Test
    void an_answer_that_is_no_text_is_an_error() {
        assertEquals(
                "NullPointerException: the answer is null, not a text",
                samples(hello("null"), batch(1, 1, "\"closed\"")).get(0).get("error"));
    }

    @Test
    void an_error_of_the_jvm_fails_its_run_only() {
        List<Map<?, ?>> samples = samples(hello("overflow"), BATCH);
        assertEquals("StackOverflowError", samples.get(3).get("error"));
    }

    @Test
    void an_error_is_utf_8_for_other_languages_too() {
        String error = (String) samples(hello("failure \\ud800 {run}"), BATCH).get(0).get("error");
        assertTrue(error.contains("failure ? 0"), error);
    }

    @Test
    void the_clock_is_the_machines_monotonic_one() throws Exception {
        long before = FakeProcess.pythonsMonotonicNs();
        Map<?, ?> sample = samples(HELLO, batch(1, 1, "\"closed\"")).get(0);
        long after = FakeProcess.pythonsMonotonicNs();
        assertTrue(before < start(sample) && start(sample) < end(sample) && end(sample) < after);
    }

    private static long start(Map<?, ?> sample) {
        return (Long) sample.get("start_ns");
    }

    private static long end(Map<?, ?> sample) {
        return (Long) sample.get("end_ns");
    }

    /** How many runs overlapped at the busiest moment. */
    private static int mostInFlight(List<Map<?, ?>> samples) {
        int most = 0;
        for (Map<?, ?> at : samples) {
            long now = start(at);
            int inFlight = 0;
            for (Map<?, ?> other : samples) {
                inFlight += start(other) <= now && now < end(other) ? 1 : 0;
            }
            most = Math.max(most, inFlight);
        }
        return most;
    }
}
