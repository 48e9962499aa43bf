import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import loopmark.Hello;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the calls of one turn are done. */
class ToolsTest {
    private final Tools tools = new Tools(new Hello.Task("", "", "", List.of(), Map.of(), 1));
    private final CyclicBarrier barrier = new CyclicBarrier(2);

    ToolsTest() throws IOException {}

    private int meet(JsonNode call) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException error) {
            throw new IllegalStateException(error);
        }
        return call.asInt();
    }

    /** Each of the two waits for the other, so they end only if both run at once. */
    @Test
    void the_calls_of_a_turn_run_side_by_side_and_keep_their_order() throws InterruptedException {
        assertEquals(List.of(1, 2), tools.sideBySide(List.of(IntNode.valueOf(1), IntNode.valueOf(2)), this::meet));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "tally | {'items': ['a', 'b'], 'unit': 'letter'} | {'count':2}",
                "tally | {'items': ['a', 'b'], 'unit':  | Error: Unexpected end-of-input",
                "tally | {'items': ['a', 'b']} | Error: No value for property 'unit'",
                "tally | {'items': 'a, b', 'unit': 'letter'} | Error: Cannot construct instance",
                "tally | {'items': ['a'], 'unit': []} | Error: Cannot deserialize value",
                "wait | {'ms': 'a few'} | Error: Cannot deserialize value of type `int`",
                "tally_all | {'items': ['a'], 'unit': 'letter'} | Error: no tool tally_all",
                "lookup_x | {} | Error: no tool lookup_x",
                "fail | {'message': 'the disk is full'} | Error: the disk is full",
            })
    void the_model_is_told_of_a_wrong_call(String name, String arguments, String told) {
        String result = tools.call(name, arguments.replace('\'', '"')).replace('"', '\'');
        assertTrue(result.startsWith(told), result);
    }

    @Test
    void a_lookup_knows_its_section() throws IOException {
        String found = tools.call("lookup_7", "{\"topic\": \"leave\", \"limit\": 4}");
        Map<String, Object> expected = Map.of("section", 7, "topic", "leave", "entries", 4);
        assertEquals(expected, Server.JSON.readValue(found, Map.class));
    }
}
