package loopmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the protocol asks of JSON beyond Jackson's defaults. */
class JsonTest {
    @Test
    void every_kind_of_value_is_a_plain_one() {
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
    void a_whole_number_is_a_long() {
        assertEquals(7L, Json.parse("7"));
        assertEquals(81237123456789L, Json.parse("81237123456789"));
        assertEquals(1.0, Json.parse("1.0"));
    }

    @Test
    void what_is_written_is_one_line_and_is_read_back() {
        String text = "quotes \" back\\slash\nlines\r\ttabs \u0001 ü € \ud83d\ude00 \u2028";
        List<Object> value = Arrays.asList(text, 1L, 2.5, true, null, List.of());
        assertEquals(value, Json.parse(Json.write(value)));
        assertTrue(Json.write(value).indexOf('\n') < 0);
    }

    @Test
    void what_is_not_one_value_is_refused() {
        List<String> wrong =
                List.of("", " ", "{", "[1,]", "{a:1}", "01", "NaN", "tru", "'a'", "{} {}", "1,", "[1]]", "\ufeff1");
        for (String text : wrong) {
            assertThrows(Json.Malformed.class, () -> Json.parse(text), text);
        }
    }

    @Test
    void a_refusal_says_what_is_wrong_and_where() {
        Json.Malformed error = assertThrows(Json.Malformed.class, () -> Json.parse("[1, }"));
        assertTrue(error.getMessage().startsWith("Unexpected character ('}'"), error.getMessage());
        assertTrue(error.getMessage().endsWith(" at line 1, column 5"), error.getMessage());
    }

    @Test
    void a_key_that_comes_twice_is_refused() {
        Json.Malformed error =
                assertThrows(Json.Malformed.class, () -> Json.parse("{\"a\":1,\"a\":2}"));
        assertTrue(error.getMessage().startsWith("Duplicate"), error.getMessage());
    }

    @Test
    void depth_has_a_limit_and_does_not_overflow_the_stack() {
        String deep = "[".repeat(400) + "]".repeat(400);
        assertEquals(deep, Json.write(Json.parse(deep)));
        assertThrows(Json.Malformed.class, () -> Json.parse("[".repeat(100_000)));
    }

    private record Output(int words, String title, Map<String, Object> nested) {}

    @Test
    void an_answer_of_a_structure_is_compact_with_its_fields_in_alphabetical_order() {
        Map<String, Object> nested = new LinkedHashMap<>();
        nested.put("b", List.of(1));
        nested.put("a", null);
        String expected = "{\"nested\":{\"a\":null,\"b\":[1]},\"title\":\"Grüße <&>\",\"words\":5}";
        assertEquals(expected, Json.asAnswer(new Output(5, "Grüße <&>", nested)));
        assertThrows(IllegalArgumentException.class, () -> Json.asAnswer(new Object()));
    }

    @Test
    void what_is_no_value_is_not_written() {
        assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
    }
}
