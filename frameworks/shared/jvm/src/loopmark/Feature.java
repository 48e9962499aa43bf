package loopmark;

import java.util.EnumSet;
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
    /** The tools of {@link Synthetic}, without its lookups. */
    SYNTHETIC_TOOLS,
    /** The lookups of {@link Synthetic}. */
    MANY_TOOLS,
    /** {@link Hello#agents}. */
    HOLD_AGENTS,
    /** {@link Hello#output}. */
    STRUCTURED_OUTPUT,
    /** {@link Hello#tracing}. */
    TRACING,
    /** {@link Hello#handoff}. */
    HANDOFF;

    /** All but {@link #TRACING}, which a framework has to have itself. */
    public static Feature[] usual() {
        return EnumSet.complementOf(EnumSet.of(TRACING)).toArray(Feature[]::new);
    }

    /** As the protocol writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
