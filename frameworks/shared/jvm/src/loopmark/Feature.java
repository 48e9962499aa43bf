package loopmark;

import java.util.Locale;

/** What a runner may offer beyond plain runs. */
public enum Feature {
    /** {@link Hello#stream}. */
    STREAMING,
    /** {@link Hello#agentPerRun}. */
    AGENT_PER_RUN,
    /** Runs end early when their thread is interrupted. */
    CANCELLATION,
    /** A beat of 10 ms beside the runs, on the same kind of thread. */
    HEARTBEAT,
    /** The tools of {@link Synthetic}. */
    SYNTHETIC_TOOLS;

    /** As the protocol writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
