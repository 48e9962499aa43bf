import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How replies that are streamed are put together. */
class StreamsTest {
    private static final String DELTA =
            """
            event: response.output_text.delta
            data: {"type":"response.output_text.delta","delta":"Two "}

            """;

    private static JsonNode completed(String stream) throws IOException {
        return Responses.completed(Server.events(stream.lines()).iterator());
    }

    private static JsonNode message(String... deltas) {
        StreamedMessage message = new StreamedMessage();
        Stream<String> chunks =
                Stream.of(deltas).map(delta -> "data: {\"choices\":[{\"delta\":" + delta + "}]}");
        Stream<String> rest = Stream.of("", "data: {\"choices\":[],\"usage\":{}}", "data: [DONE]");
        Server.events(Stream.concat(chunks, rest)).forEach(message::add);
        return message.whole();
    }

    @Test
    void a_streamed_response_is_that_of_its_last_event() throws IOException {
        String response = "{\"id\":\"r\",\"output\":[{\"type\":\"message\",\"content\":[]}]}";
        String last = "data: {\"type\":\"response.completed\",\"response\":" + response + "}\n\n";
        assertEquals(response, completed(DELTA + last).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                DELTA,
                DELTA + "data: {\"type\":\"error\",\"message\":\"no\"}",
                "data: {\"type\":\"response.failed\",\"response\":{\"output\":[]}}",
                "data: {\"type\":\"response.incomplete\",\"response\":{\"output\":[]}}",
            })
    void a_streamed_response_that_fails_or_ends_early_is_an_error(String stream) {
        assertThrows(IOException.class, () -> completed(stream));
    }

    @Test
    void an_event_that_is_cut_off_is_an_error() {
        assertThrows(UncheckedIOException.class, () -> completed(DELTA + "data: {"));
    }

    @Test
    void the_text_of_a_response_is_that_of_its_messages() throws IOException {
        String output =
                """
                [{"type":"reasoning","summary":[]},
                 {"type":"message","content":[{"type":"output_text","text":"Two "},{"type":"refusal"}]},
                 {"type":"message","content":[{"type":"output_text","text":"words."}]}]
                """;
        assertEquals("Two words.", Responses.text(Server.JSON.readTree(output)));
    }

    @Test
    void a_streamed_message_has_its_text_and_calls_by_their_index() throws IOException {
        JsonNode message =
                message(
                        "{\"role\":\"assistant\",\"content\":\"One \"}",
                        "{\"content\":\"moment.\"}",
                        "{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}",
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}",
                        "{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}},"
                                + "{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}");
        String expected =
                """
                {"role":"assistant","content":"One moment.","tool_calls":[
                 {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
                 {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}
                """;
        assertEquals(Server.JSON.readTree(expected), message);
    }

    @Test
    void a_streamed_message_without_text_has_none() {
        String call = "{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\"}}";
        assertEquals("null", message("{\"tool_calls\":[" + call + "]}").get("content").toString());
        String answer = "{\"role\":\"assistant\",\"content\":\"Done.\"}";
        assertEquals(answer, message("{\"content\":\"Done.\"}").toString());
    }
}
