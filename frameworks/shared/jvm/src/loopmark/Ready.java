package loopmark;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the runner is made of, in the protocol's words. */
final class Ready {
    private Ready() {}

    /** The protocol's {@code ready}. */
    static Map<String, Object> message(Identity identity) {
        Map<String, Object> ready = new LinkedHashMap<>();
        ready.put("type", "ready");
        ready.put("framework", identity.framework());
        ready.put("version", identity.version());
        ready.put("runtime", runtime());
        ready.put("http_client", identity.httpClient());
        ready.put("offers", identity.offers().stream().map(Feature::toString).toList());
        return ready;
    }

    /** The JDK, and what it has chosen by the machine: {@code OpenJDK 25, virtual threads, G1, heap limit 1024 MiB}. */
    private static String runtime() {
        String name = System.getProperty("java.runtime.name").replace(" Runtime Environment", "");
        String threads = Threads.ARE_VIRTUAL ? "virtual threads" : "platform threads";
        return name + " " + Identity.javaVersion() + ", " + threads + ", " + Memory.inWords();
    }
}
