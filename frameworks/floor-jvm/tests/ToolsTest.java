import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import loopmark.Hello;
import org.junit.jupiter.api.Test;

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
}
