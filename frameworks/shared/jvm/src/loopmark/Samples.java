package loopmark;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/** What a batch's runs gave: 20 bytes a run, and a text only where there is no way around it. */
final class Samples {
    /** A failed run keeps this much of its error, in characters. */
    static final int ERROR_LENGTH = 300;

    private final Batch batch;
    private final long[] startNs;
    private final long[] endNs;
    private final int[] crc32;
    private final BitSet cancelled = new BitSet();
    private final Map<Integer, Long> firstTexts = new HashMap<>();
    private final Map<Integer, String> answers = new HashMap<>();
    private final Map<Integer, String> errors = new HashMap<>();

    Samples(Batch batch) {
        this.batch = batch;
        startNs = new long[batch.runs()];
        endNs = new long[batch.runs()];
        crc32 = new int[batch.runs()];
    }

    /** Keeps the sample of a run that gave an answer. */
    synchronized void answered(int index, long start, long end, String answer) {
        stamp(index, start, end);
        if (batch.hasTexts()) {
            answers.put(index, answer);
        } else {
            crc32[index] = digest(answer);
        }
    }

    /** Keeps the sample of a run that gave none. */
    synchronized void failed(int index, long start, long end, Throwable error) {
        stamp(index, start, end);
        errors.put(index, text(error));
    }

    /** Keeps the sample of a run that ended early because it was asked to. */
    synchronized void cancelled(int index, long start, long end) {
        stamp(index, start, end);
        cancelled.set(index);
    }

    /** Keeps when the caller of a run saw its first text; 0 if it saw none. */
    synchronized void textWasSeen(int index, long firstText) {
        if (firstText != 0) {
            firstTexts.put(index, firstText);
        }
    }

    private void stamp(int index, long start, long end) {
        startNs[index] = start;
        endNs[index] = end;
    }

    /** The protocol's {@code sample} of a run. */
    synchronized Map<String, Object> message(int index) {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("type", "sample");
        sample.put("batch", batch.number());
        sample.put("run", batch.firstRun() + index);
        sample.put("start_ns", startNs[index]);
        sample.put("end_ns", endNs[index]);
        if (firstTexts.containsKey(index)) {
            sample.put("first_text_ns", firstTexts.get(index));
        }
        if (cancelled.get(index)) {
            sample.put("cancelled", true);
        } else if (errors.containsKey(index)) {
            sample.put("error", errors.get(index));
        } else if (batch.hasTexts()) {
            sample.put("answer", answers.get(index));
        } else {
            sample.put("answer_crc32", Integer.toUnsignedLong(crc32[index]));
        }
        return sample;
    }

    private static int digest(String answer) {
        CRC32 crc = new CRC32();
        crc.update(answer.getBytes(StandardCharsets.UTF_8));
        return (int) crc.getValue();
    }

    private static String text(Throwable error) {
        String name = error.getClass().getSimpleName();
        String text = error.getMessage() == null ? name : name + ": " + error.getMessage();
        return text.length() > ERROR_LENGTH ? text.substring(0, ERROR_LENGTH) : text;
    }
}
