package loopmark;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/** Sleeps to multiples of 10 ms since its start and notes how late it woke; a missed beat is not made up for. */
final class Heartbeat {
    static final long PERIOD_NS = 10_000_000;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isStopped;
    private volatile Thread thread;
    private int[] lateUs = new int[64];
    private int beats;

    /** Starts to beat on a thread of the executor, of the kind that runs have. */
    static Heartbeat start(Executor executor) {
        Heartbeat heartbeat = new Heartbeat();
        long startNs = System.nanoTime();
        executor.execute(() -> heartbeat.beat(startNs));
        return heartbeat;
    }

    private void beat(long startNs) {
        thread = Thread.currentThread();
        for (long nowNs = startNs; ; ) {
            long dueNs = nextNs(startNs, nowNs);
            Threads.sleepUntil(dueNs, () -> isStopped);
            if (isStopped) {
                break;
            }
            nowNs = System.nanoTime();
            note(nowNs - dueNs);
        }
        ended.countDown();
    }

    /** The first multiple of the period since the start that is after now. */
    static long nextNs(long startNs, long nowNs) {
        return startNs + ((nowNs - startNs) / PERIOD_NS + 1) * PERIOD_NS;
    }

    private void note(long lateNs) {
        if (beats == lateUs.length) {
            lateUs = Arrays.copyOf(lateUs, 2 * beats);
        }
        lateUs[beats++] = (int) Math.min(lateNs / 1_000, Integer.MAX_VALUE);
    }

    /** Ends the heartbeat; gives the lateness of each beat in µs. */
    int[] stop() throws InterruptedException {
        isStopped = true;
        LockSupport.unpark(thread);
        ended.await();
        return Arrays.copyOf(lateUs, beats);
    }
}
