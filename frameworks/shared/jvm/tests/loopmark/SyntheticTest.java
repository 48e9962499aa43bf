package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SyntheticTest {
    @Test
    void waiting_and_blocking_take_their_time() {
        long start = System.nanoTime();
        assertEquals("{\"waited_ms\":20}", Json.write(Synthetic.waitFor(20)));
        assertEquals("{\"blocked_ms\":20}", Json.write(Synthetic.block(20)));
        assertTrue(System.nanoTime() - start >= 40_000_000);
    }

    @Test
    void an_interrupt_ends_a_wait_and_stays_to_be_seen() {
        Thread.currentThread().interrupt();
        assertThrows(IllegalStateException.class, () -> Synthetic.waitFor(60_000));
        assertTrue(Thread.interrupted());
    }

    @Test
    void computing_takes_cpu_time() {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long start = System.nanoTime();
        assertEquals("{\"computed_ms\":30}", Json.write(Synthetic.compute(30)));
        assertTrue(System.nanoTime() - start >= 30_000_000);
        long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        // By wall time, where threads are virtual, other work of the machine may take a share of it.
        assertTrue(cpuNs >= (Threads.ARE_VIRTUAL ? 1_000_000 : 30_000_000), cpuNs + " ns");
    }

    @Test
    void a_payload_repeats_its_pattern_and_is_cut() {
        assertEquals("{\"payload\":\"0123456789abcdef01\"}", Json.write(Synthetic.payload(18)));
        assertEquals("{\"payload\":\"0123456789abcdef\"}", Json.write(Synthetic.payload(16)));
        assertEquals("{\"payload\":\"\"}", Json.write(Synthetic.payload(0)));
    }

    @Test
    void a_tally_counts_the_items() {
        assertEquals("{\"count\":2}", Json.write(Synthetic.tally(List.of("a", "b"))));
    }

    @Test
    void a_lookup_has_the_section_of_its_tools_name() {
        assertEquals(OptionalInt.of(17), Synthetic.sectionOf("lookup_17"));
        for (String name : List.of("lookup_", "lookup_x", "lookup_99999999999", "wait")) {
            assertEquals(OptionalInt.empty(), Synthetic.sectionOf(name), name);
        }
        Map<String, Object> found = Map.of("section", 7, "topic", "leave", "entries", 4);
        assertEquals(found, Synthetic.lookUp(7, "leave", 4));
    }

    @Test
    void a_failure_carries_its_message() {
        Exception error = assertThrows(IllegalStateException.class, () -> Synthetic.fail("out of order"));
        assertEquals("out of order", error.getMessage());
    }
}
