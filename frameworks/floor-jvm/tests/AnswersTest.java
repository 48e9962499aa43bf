import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Map;
import java.util.Optional;
import loopmark.Hello;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken for an answer. */
class AnswersTest {
    private final Answers structured = new Answers(Optional.of(new Hello.Output("summary", Map.of())));

    @Test
    void any_text_is_an_answer_unless_a_structure_is_wanted() throws JsonProcessingException {
        assertEquals("five words", new Answers(Optional.empty()).read("five words"));
    }

    @Test
    void a_structure_is_compact_with_its_fields_in_alphabetical_order() throws JsonProcessingException {
        String answer = "{\"title\":\"T\",\"topics\":[\"a\"],\"words\":5}";
        assertEquals(answer, structured.read("{\"words\": 5, \"topics\": [\"a\"], \"title\": \"T\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'words': 'a few', 'topics': ['a'], 'title': 'T'} | Cannot deserialize value of type `int`",
                "{'words': 5, 'topics': 'a', 'title': 'T'} | Cannot construct instance of `java.util.ArrayList`",
                "{'words': 5, 'title': 'T'} | Missing creator property 'topics'",
                "{'words': null, 'topics': ['a'], 'title': 'T'} | Cannot map `null` into type `int`",
                "five words | Unrecognized token 'five'",
            })
    void the_model_is_told_why_an_answer_does_not_fit(String text, String problem) {
        String json = text.replace('\'', '"');
        JsonProcessingException misfit =
                assertThrows(JsonProcessingException.class, () -> structured.read(json));
        String told = Answers.misfit(misfit).path("content").asText();
        assertTrue(told.startsWith("The answer does not fit the schema: " + problem), told);
    }
}
