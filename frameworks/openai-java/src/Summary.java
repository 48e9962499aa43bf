import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** What the hello asks for as the answer, where it asks for a structure. */
record Summary(
        @JsonProperty(required = true) String title,
        @JsonProperty(required = true) int words,
        @JsonProperty(required = true) List<String> topics) {

    /** What the model is told of an answer that is none. */
    static String misfit(RuntimeException error) {
        return "The answer does not fit the schema: " + error.getMessage();
    }
}
