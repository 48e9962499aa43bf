package loopmark;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Interrupts a run's thread when its time is over, unless the run has ended by then. */
final class Cancellation {
    private final Thread thread = Thread.currentThread();
    private Future<?> timer;
    private boolean isAsked;
    private boolean hasEnded;

    private Cancellation() {}

    /** The timer of a batch that cancels its runs. */
    static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "cancellation");
                            thread.setDaemon(true);
                            return thread;
                        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /** Cancels the run of the calling thread at a time of {@link System#nanoTime}. */
    static Cancellation at(long dueNs, ScheduledThreadPoolExecutor timer) {
        Cancellation cancellation = new Cancellation();
        cancellation.timer =
                timer.schedule(cancellation::ask, dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        return cancellation;
    }

    private synchronized void ask() {
        if (!hasEnded) {
            isAsked = true;
            thread.interrupt();
        }
    }

    /** The run has ended, on the calling thread; gives whether it was cancelled. No interrupt outlives it. */
    boolean end() {
        timer.cancel(false);
        synchronized (this) {
            hasEnded = true;
            if (isAsked) {
                Thread.interrupted();
            }
            return isAsked;
        }
    }
}
