package loopmark;

import java.util.Map;
import java.util.OptionalInt;

/**
 * Runs to do, numbered from {@code firstRun} on.
 *
 * @param number the batch's number, echoed by its samples
 * @param firstRun the number of the first run
 * @param runs how many
 * @param level how many are in flight at once, in a closed loop
 * @param arrival when they start
 * @param runsPerS runs a second, if the arrival is {@link Arrival#RATE}
 * @param hasTexts whether samples carry answers in full, not as digests
 * @param rampMs worker <i>i</i> of a closed loop starts <i>i</i> / level of it after the batch began
 * @param cancelAfterMs each run is cancelled so long after its start, if it is there
 * @param heartbeat whether a heartbeat runs beside the batch
 */
record Batch(
        long number,
        long firstRun,
        int runs,
        int level,
        Arrival arrival,
        double runsPerS,
        boolean hasTexts,
        int rampMs,
        OptionalInt cancelAfterMs,
        boolean heartbeat) {

    /** When the runs of a batch start. */
    enum Arrival {
        /** Workers, each of which starts its next run when its last one has ended. */
        CLOSED,
        /** All runs at once. */
        BURST,
        /** So many a second, whether or not earlier ones have ended. */
        RATE
    }

    /** Reads the protocol's {@code batch}. */
    static Batch of(Fields message) {
        Object how = message.get("arrival", Object.class);
        Arrival arrival = arrival(how);
        return new Batch(
                message.whole("batch", 0, 0xffff_ffffL),
                message.whole("first_run", 0, Long.MAX_VALUE),
                message.count("runs", 0),
                message.count("level", 1),
                arrival,
                arrival == Arrival.RATE ? runsPerS(Fields.of("arrival", how)) : 0,
                hasTexts(message.text("answers")),
                message.has("ramp_ms") ? message.count("ramp_ms", 0) : 0,
                message.has("cancel_after_ms")
                        ? OptionalInt.of(message.count("cancel_after_ms", 0))
                        : OptionalInt.empty(),
                message.flag("heartbeat"));
    }

    private static Arrival arrival(Object how) {
        if ("closed".equals(how)) {
            return Arrival.CLOSED;
        }
        if ("burst".equals(how)) {
            return Arrival.BURST;
        }
        if (how instanceof Map<?, ?>) {
            return Arrival.RATE;
        }
        throw new Refusal("no arrival is called " + Json.write(how));
    }

    private static double runsPerS(Fields arrival) {
        double rate = arrival.get("rate", Number.class).doubleValue();
        if (rate > 0) {
            return rate;
        }
        throw new Refusal("the rate of an open loop has to be above 0, not " + rate);
    }

    private static boolean hasTexts(String answers) {
        return switch (answers) {
            case "text" -> true;
            case "digest" -> false;
            default -> throw new Refusal("no answers are called " + answers);
        };
    }
}
