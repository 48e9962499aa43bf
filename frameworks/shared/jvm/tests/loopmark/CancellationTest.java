package loopmark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CancellationTest {
    private final ScheduledThreadPoolExecutor timer = Cancellation.timer();

    @Test
    void an_interrupt_ends_with_its_run() {
        Cancellation due = Cancellation.at(System.nanoTime(), timer);
        assertThrows(InterruptedException.class, () -> Thread.sleep(Long.MAX_VALUE));
        assertTrue(due.end());
        assertFalse(Thread.interrupted());
    }

    @Test
    void an_interrupt_that_the_run_did_not_notice_does_not_reach_the_next_one() {
        Cancellation due = Cancellation.at(System.nanoTime(), timer);
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        assertTrue(due.end());
        assertFalse(Thread.interrupted());
    }

    @Test
    void a_run_that_has_ended_is_interrupted_no_more() {
        Cancellation later = Cancellation.at(System.nanoTime() + TimeUnit.HOURS.toNanos(1), timer);
        assertFalse(later.end());
        assertTrue(timer.getQueue().isEmpty());
        assertFalse(Thread.interrupted());
    }
}
