package loopmark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/** The runs of one batch, each on a thread of its own as in a server, or on its worker's in a closed loop. */
final class Runs {
    private final LongFunction<Agent> agentOf;
    private final Hello.Task task;
    private final Batch batch;
    private final ExecutorService executor;
    private final Samples samples;
    private final CountDownLatch left;
    private final ScheduledThreadPoolExecutor timer;

    private Runs(LongFunction<Agent> agentOf, Hello.Task task, Batch batch, ExecutorService executor) {
        this.agentOf = agentOf;
        this.task = task;
        this.batch = batch;
        this.executor = executor;
        samples = new Samples(batch);
        left = new CountDownLatch(batch.runs());
        timer = batch.cancelAfterMs().isPresent() ? Cancellation.timer() : null;
    }

    /**
     * Does the runs of a batch; returns when all of them have ended.
     *
     * @param agentOf the agent of the run of a number
     */
    static Samples carryOut(
            LongFunction<Agent> agentOf, Hello.Task task, Batch batch, ExecutorService executor)
            throws InterruptedException {
        Runs runs = new Runs(agentOf, task, batch, executor);
        long beganNs = System.nanoTime();
        switch (batch.arrival()) {
            case CLOSED -> runs.startWorkers(beganNs);
            case BURST -> runs.startAll(beganNs);
            case RATE -> runs.startAtRate(beganNs);
        }
        runs.left.await();
        if (runs.timer != null) {
            runs.timer.shutdown();
        }
        return runs.samples;
    }

    /**
     * Workers share a counter; each takes the next run when its last one has ended. They start one after the other over
     * the batch's ramp.
     */
    private void startWorkers(long beganNs) {
        AtomicInteger next = new AtomicInteger();
        Runnable worker =
                () -> {
                    for (int index; (index = next.getAndIncrement()) < batch.runs(); ) {
                        run(index, System.nanoTime());
                    }
                };
        for (int i = 0; i < Math.min(batch.level(), batch.runs()); i++) {
            Threads.sleepUntil(beganNs + batch.rampMs() * 1_000_000L * i / batch.level(), () -> false);
            executor.execute(worker);
        }
    }

    /** Each run counts from the batch's beginning, however late its thread gets to run. */
    private void startAll(long beganNs) {
        for (int i = 0; i < batch.runs(); i++) {
            int index = i;
            executor.execute(() -> run(index, beganNs));
        }
    }

    /** Starts run <i>i</i> at <i>i</i> / rate seconds, from the calling thread, which has nothing else to do. */
    private void startAtRate(long beganNs) {
        for (int i = 0; i < batch.runs(); i++) {
            int index = i;
            long dueNs = beganNs + (long) (i / batch.runsPerS() * 1e9);
            Threads.sleepUntil(dueNs, () -> false);
            executor.execute(() -> run(index, dueNs));
        }
    }

    private void run(int index, long startNs) {
        Cancellation cancellation =
                batch.cancelAfterMs().isPresent()
                        ? Cancellation.at(startNs + batch.cancelAfterMs().getAsInt() * 1_000_000L, timer)
                        : null;
        FirstText firstText = FirstText.begin();
        try {
            long number = batch.firstRun() + index;
            String answer = agentOf.apply(number).run(task.promptFor(number));
            long endNs = System.nanoTime();
            samples.textWasSeen(index, firstText.ns());
            if (cancellation != null) {
                cancellation.end();
            }
            if (answer == null) {
                throw new NullPointerException("the answer is null, not a text");
            }
            samples.answered(index, startNs, endNs, answer);
        } catch (Throwable error) {
            // Whatever ends a run is what the run gave; the others go on.
            long endNs = System.nanoTime();
            if (cancellation != null && cancellation.end()) {
                samples.cancelled(index, startNs, endNs);
            } else {
                samples.failed(index, startNs, endNs, error);
            }
        } finally {
            left.countDown();
        }
    }
}
