package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can't be served ends the runner with code 1 and a sentence, without waiting for the end of its input. */
class RefusalTest {
    private static final String TASK =
            "\"scenario\":{\"name\":\"s\",\"instructions\":\"\",\"prompt\":\"p\",\"tools\":[],"
                    + "\"data\":{},\"max_turns\":10}";
    private static final String HELLO =
            "{\"type\":\"hello\",\"protocol\":1,\"base_url\":\"u\",\"api\":\"responses\","
                    + "\"model\":\"m\","
                    + TASK
                    + "}";
    private static final String BATCH =
            "{\"type\":\"batch\",\"batch\":1,\"first_run\":0,\"runs\":1,\"level\":1,"
                    + "\"arrival\":\"closed\",\"answers\":\"digest\"}";

    private static Hello hello(String line) {
        return Hello.of(Fields.of("hello", Json.parse(line)));
    }

    private static Batch batch(String line) {
        return Batch.of(Fields.of("batch", Json.parse(line)));
    }

    private static String refusal(Runnable reading) {
        try {
            reading.run();
        } catch (Refusal refusal) {
            return refusal.getMessage();
        }
        return "nothing was refused";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"protocol\":1 | \"protocol\":3 | 'this runner speaks protocol 1 to 2, not 3'",
                "\"protocol\":1 | \"protocol\":0 | 'this runner speaks protocol 1 to 2, not 0'",
                "\"protocol\":1 | \"protocol\":1.5 | hello.protocol has the wrong type: 1.5",
                "\"model\":\"m\", | '' | the hello has no model",
                "\"model\":\"m\" | \"model\":7 | hello.model has the wrong type: 7",
                "responses | grpc | no API is called grpc",
                "\"model\" | \"agent\":\"ours\",\"model\" | no agent lives ours",
                "\"model\" | \"agents\":0,\"model\" | 'hello.agents is 0, not 1 to 2147483647'",
                "\"model\" | \"output\":{\"name\":\"o\"},\"model\" | the output has no schema",
                "\"prompt\":\"p\", | '' | the scenario has no prompt",
                "\"tools\":[] | \"tools\":[1] | the tool is no object: 1",
                "\"max_turns\":10 | \"max_turns\":0 | 'scenario.max_turns is 0, not 1 to 2147483647'",
            })
    void a_hello_that_is_wrong_is_refused(String from, String to, String reason) {
        assertEquals(reason, refusal(() -> hello(HELLO.replace(from, to))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"runs\":1, | '' | the batch has no runs",
                "\"runs\":1 | \"runs\":-1 | 'batch.runs is -1, not 0 to 2147483647'",
                "\"level\":1 | \"level\":0 | 'batch.level is 0, not 1 to 2147483647'",
                "\"closed\" | \"open\" | no arrival is called \"open\"",
                "\"closed\" | 3 | no arrival is called 3",
                "\"closed\" | {} | the arrival has no rate",
                "\"closed\" | {\"rate\":0} | 'the rate of an open loop has to be above 0, not 0.0'",
                "digest | yaml | no answers are called yaml",
                "\"runs\":1 | \"heartbeat\":1,\"runs\":1 | batch.heartbeat has the wrong type: 1",
                "\"runs\":1 | \"cancel_after_ms\":-5,\"runs\":1 | 'batch.cancel_after_ms is -5, not 0 to 2147483647'",
            })
    void a_batch_that_is_wrong_is_refused(String from, String to, String reason) {
        assertEquals(reason, refusal(() -> batch(BATCH.replace(from, to))));
    }

    @Test
    void lines_that_do_not_belong_here_end_the_runner() {
        Map<List<String>, String> cases =
                Map.of(
                        List.of(BATCH), "runner: expected a hello, got a batch",
                        List.of("no json"), "runner: expected a hello, got `no json`: Unrecognized token 'no'",
                        List.of("[]"), "runner: the message is no object: []",
                        List.of(HELLO, HELLO), "runner: expected a batch, got a hello",
                        List.of(HELLO.replace("\"tools\":[]", "\"tools\":[{\"name\":\"x\","
                                        + "\"description\":\"\",\"parameters\":{}}]")),
                        "runner: scenario s wants tools this runner lacks: x");
        cases.forEach(
                (lines, reason) -> {
                    FakeProcess.Ended ended = FakeProcess.run(lines.toArray(String[]::new));
                    assertEquals(1, ended.exitCode(), reason);
                    assertTrue(ended.stderr().contains(reason), ended.stderr());
                });
    }

    @Test
    void bytes_that_are_no_utf_8_are_refused() throws Exception {
        Process fake = FakeProcess.start(Map.of(), List.of());
        try (var stdin = fake.getOutputStream()) {
            stdin.write(new byte[] {'{', '"', (byte) 0xff, '"', '\n'});
            stdin.flush();
            assertTrue(fake.waitFor(10, TimeUnit.MINUTES), "it waits for the end of its input");
        }
        assertEquals(1, fake.exitValue());
        String stderr = new String(fake.getErrorStream().readAllBytes());
        assertTrue(stderr.contains("runner: a line that is no UTF-8"), stderr);
    }
}
