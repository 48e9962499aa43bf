package loopmark;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which garbage collector runs, and how large the heap may become: the JVM chooses both by the
 * processors and the memory that it is given, so they belong to what was measured.
 */
final class Memory {

    private Memory() {}

    /** In words: {@code G1, heap limit 1024 MiB}. */
    static String inWords() {
        long limit = Runtime.getRuntime().maxMemory() >> 20;
        return collector(threads()).concat(", heap limit ").concat(Long.toString(limit)).concat(" MiB");
    }

    /**
     * By the names of the JVM's own threads. The management beans would say it too, and cost every
     * row the time and the memory of loading them.
     */
    static String collector(List<String> threads) {
        boolean hasWorkers = false;
        for (String name : threads) {
            if (name.startsWith("G1 ")) {
                return "G1";
            }
            if (name.startsWith("ZDirector") || name.startsWith("ZDriver")) {
                return "ZGC";
            }
            if (name.startsWith("Shenandoah")) {
                return "Shenandoah";
            }
            hasWorkers |= name.startsWith("GC Thread");
        }
        // Workers without the threads of any other collector; the serial one has none.
        return threads.isEmpty() ? "unknown collector" : hasWorkers ? "parallel GC" : "serial GC";
    }

    private static List<String> threads() {
        List<String> names = new ArrayList<>();
        File tasks = new File("/proc/self/task");
        String[] ids = tasks.list();
        for (String id : ids == null ? new String[0] : ids) {
            try (FileInputStream comm = new FileInputStream(new File(tasks, id + "/comm"))) {
                names.add(new String(comm.readAllBytes(), StandardCharsets.UTF_8).strip());
            } catch (IOException ended) {
                // A thread that has just ended: the others say enough.
            }
        }
        return names;
    }
}
