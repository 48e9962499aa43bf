package loopmark;

import java.util.concurrent.atomic.AtomicLong;

/** When the caller of an agent sees the first text of a run. */
public final class FirstText {
    private static final ThreadLocal<FirstText> OF_THIS_RUN = ThreadLocal.withInitial(FirstText::new);

    /** 0 until there is a text. */
    private final AtomicLong seenNs = new AtomicLong();

    private FirstText() {}

    /** That of the run that the calling thread does. */
    public static FirstText ofThisRun() {
        return OF_THIS_RUN.get();
    }

    /**
     * Notes that the agent's caller sees text; of several calls, from any thread, the first one counts. For agents whose
     * answers are streamed: wherever a user would be shown the text.
     */
    public void seen() {
        if (seenNs.get() == 0) {
            seenNs.compareAndSet(0, System.nanoTime());
        }
    }

    /** That of a run that the calling thread begins. */
    static FirstText begin() {
        FirstText firstText = new FirstText();
        OF_THIS_RUN.set(firstText);
        return firstText;
    }

    /** The time of {@link System#nanoTime}; 0 if no text was seen. */
    long ns() {
        return seenNs.get();
    }
}
