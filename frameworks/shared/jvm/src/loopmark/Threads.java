package loopmark;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The threads that runs run on: virtual ones where the JDK has them (21 and later) and the variant
 * does not ask for platform threads.
 */
public final class Threads {
    /** A variant sets it to {@code platform}. */
    static final String VARIABLE = "LOOPMARK_THREADS";

    /** JDK 19 and 20 had virtual threads as a preview. */
    static final boolean ARE_VIRTUAL =
            Runtime.version().feature() >= 21 && !"platform".equals(System.getenv(VARIABLE));

    private Threads() {}

    /** Starts each task at once on a thread of its own; platform threads are used again. */
    public static ExecutorService executor() {
        if (!ARE_VIRTUAL) {
            return Executors.newCachedThreadPool();
        }
        try {
            // By name, since the sources are for Java 17.
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a JDK from 21 on without virtual threads", e);
        }
    }

    /** Sleeps until {@link System#nanoTime} is {@code dueNs}, or something is done by then. */
    static void sleepUntil(long dueNs, BooleanSupplier isDone) {
        // Thread.sleep of JDK 17 knows whole milliseconds only.
        for (long early; (early = dueNs - System.nanoTime()) > 0 && !isDone.getAsBoolean(); ) {
            LockSupport.parkNanos(early);
        }
    }
}
