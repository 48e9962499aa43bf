package loopmark;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * JSON as plain values, by Jackson.
 *
 * <p>Objects are {@link java.util.Map}s in the text's order, arrays {@link java.util.List}s, whole
 * numbers {@link Long}s where they fit, others {@link Double}s; {@code null} is null.
 */
public final class Json {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_LONG_FOR_INTS)
                    .build();

    private Json() {}

    /** A text that is not JSON; the message says where and why. */
    public static final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Malformed(JsonProcessingException error) {
            super(reason(error), error);
        }

        private static String reason(JsonProcessingException error) {
            JsonLocation at = error.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            return error.getOriginalMessage() + where;
        }
    }

    /**
     * The value of a text that is one JSON value and nothing else.
     *
     * @throws Malformed if it is not
     */
    public static Object parse(String text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JsonProcessingException error) {
            throw new Malformed(error);
        }
    }

    /**
     * A value as JSON, on one line.
     *
     * @throws IllegalArgumentException if Jackson has no JSON for it
     */
    public static String write(Object value) {
        return write(MAPPER.writer(), value);
    }

    /**
     * An answer of a structure as a sample has it: JSON without white space, its fields in alphabetical order.
     *
     * @throws IllegalArgumentException if Jackson has no JSON for it
     */
    public static String asAnswer(Object output) {
        // Records become maps, whose entries can be sorted for one writer.
        Object values = MAPPER.convertValue(output, Object.class);
        return write(MAPPER.writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS), values);
    }

    private static String write(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException error) {
            throw new IllegalArgumentException(error.getOriginalMessage(), error);
        }
    }
}
