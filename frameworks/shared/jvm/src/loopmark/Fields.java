package loopmark;

import java.util.List;
import java.util.Map;

/**
 * The fields of a message, read one by one. Those that nobody asks for are passed over: a newer
 * harness may say more.
 */
record Fields(String of, Map<String, Object> values) {

    /** The fields of a JSON object; {@code of} names it in a refusal. */
    @SuppressWarnings("unchecked")
    static Fields of(String of, Object value) {
        if (value instanceof Map<?, ?> map) {
            // JSON has objects with String keys only.
            return new Fields(of, (Map<String, Object>) map);
        }
        throw new Refusal("the " + of + " is no object: " + Json.write(value));
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    String text(String name) {
        return get(name, String.class);
    }

    boolean flag(String name) {
        return has(name) && get(name, Boolean.class);
    }

    List<?> list(String name) {
        return get(name, List.class);
    }

    Fields fields(String name) {
        return of(name, get(name, Map.class));
    }

    /** A whole number, at least {@code least} and at most {@code most}. */
    long whole(String name, long least, long most) {
        long value = get(name, Long.class);
        if (value < least || value > most) {
            throw new Refusal(of + "." + name + " is " + value + ", not " + least + " to " + most);
        }
        return value;
    }

    int count(String name, int least) {
        return (int) whole(name, least, Integer.MAX_VALUE);
    }

    <T> T get(String name, Class<T> type) {
        Object value = values.get(name);
        if (value == null) {
            throw new Refusal("the " + of + " has no " + name);
        }
        if (!type.isInstance(value)) {
            throw new Refusal(of + "." + name + " has the wrong type: " + Json.write(value));
        }
        return type.cast(value);
    }
}
