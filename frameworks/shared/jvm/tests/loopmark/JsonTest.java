package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void every_kind_of_value_is_read() {
        Object value = Json.parse(" {\"a\": [1, -0.5, 2e3, true, false, null, \"x\"], \"b\": {}} ");
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("a", Arrays.asList(1L, -0.5, 2000.0, true, false, null, "x"));
        expected.put("b", Map.of());
        assertEquals(expected, value);
    }

    @Test
    void members_keep_their_order() {
        assertEquals("{\"z\":1,\"a\":2,\"m\":3}", Json.write(Json.parse("{\"z\":1,\"a\":2,\"m\":3}")));
    }

    @Test
    void a_whole_number_is_a_long_as_far_as_it_fits() {
        assertEquals(81237123456789L, Json.parse("81237123456789"));
        assertEquals(Long.MAX_VALUE, Json.parse("9223372036854775807"));
        assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
        assertEquals(0x1p63, Json.parse("9223372036854775808"));
        assertEquals(1e30, Json.parse("1000000000000000000000000000000"));
        assertEquals(1.0, Json.parse("1.0"));
    }

    @Test
    void escapes_are_read() {
        assertEquals("a\"\\/\b\f\n\r\tä\ud83d\ude00z", Json.parse(
                "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\ude00z\""));
    }

    @Test
    void what_is_written_is_read_back() {
        String text = "quotes \" back\\slash\nlines\r\ttabs \u0001 ü € \ud83d\ude00 \u2028";
        List<Object> value = new ArrayList<>(Arrays.asList(text, 1L, 2.5, true, null, List.of()));
        assertEquals(value, Json.parse(Json.write(value)));
        assertEquals("[\"\\u0001\\n\",7]", Json.write(List.of("\u0001\n", 7)));
        assertTrue(Json.write(value).indexOf('\n') < 0);
    }

    @Test
    void what_is_no_json_is_refused() {
        List<String> wrong =
                List.of("", " ", "{", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "-",
                        "1.", ".5", "+1", "1e", "1e999", "NaN", "Infinity", "tru", "nulls", "'a'", "\"a",
                        "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"a\nb\"", "{} {}", "1,", "[1]\u0000",
                        "\uffff", "1\uffff", "\ufeff1", "\"\\u\uff11\uff12\uff13\uff14\"");
        for (String text : wrong) {
            assertThrows(Json.Malformed.class, () -> Json.parse(text), text);
        }
    }

    @Test
    void a_key_that_comes_twice_is_refused() {
        Json.Malformed error =
                assertThrows(Json.Malformed.class, () -> Json.parse("{\"a\":1,\"a\":2}"));
        assertEquals("the key a again at character 12", error.getMessage());
    }

    @Test
    void depth_has_a_limit_and_does_not_overflow_the_stack() {
        String deep = "[".repeat(400) + "]".repeat(400);
        assertEquals(deep, Json.write(Json.parse(deep)));
        assertThrows(Json.Malformed.class, () -> Json.parse("[".repeat(100_000)));
    }

    @Test
    void what_json_can_not_say_is_not_written() {
        for (Object value : List.of(Double.NaN, Double.POSITIVE_INFINITY, new Object(), 'c')) {
            assertThrows(IllegalArgumentException.class, () -> Json.write(value));
        }
    }
}
