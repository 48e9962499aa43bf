import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import java.util.LinkedHashMap;
import java.util.Map;
import loopmark.Papers;
import loopmark.Synthetic;

/**
 * The scenarios' tools, each an object with one {@code @Tool} method: an AI service offers all
 * methods of an object.
 */
final class Tools {
    private Tools() {}

    /** All tools by their names. */
    static Map<String, Object> byName(Papers papers) {
        Map<String, Object> tools = new LinkedHashMap<>();
        tools.put("search_papers", new SearchPapers(papers));
        tools.put("read_paper", new ReadPaper(papers));
        tools.put("word_count", new WordCount());
        tools.put("wait", new Wait());
        tools.put("block", new Block());
        tools.put("compute", new Compute());
        tools.put("payload", new Payload());
        tools.put("fail", new Fail());
        return tools;
    }

    public record SearchPapers(Papers papers) {
        @Tool("Search the library for papers whose title or abstract contains the query.")
        public Map<String, Object> search_papers(
                @P("The text to look for.") String query, @P("At most so many papers.") int limit) {
            return papers.searchPapers(query, limit);
        }
    }

    public record ReadPaper(Papers papers) {
        @Tool("Read one paper of the library: its authors, year and abstract.")
        public Map<String, Object> read_paper(@P("The paper's id.") String id) {
            return papers.readPaper(id);
        }
    }

    public record WordCount() {
        @Tool("Count the words of a text.")
        public int word_count(@P("The text.") String text) {
            return Papers.wordCount(text);
        }
    }

    public record Wait() {
        @Tool(name = "wait", value = "Wait for something else for some milliseconds.")
        public Map<String, Object> waitFor(@P("How many milliseconds.") int ms) {
            return Synthetic.waitFor(ms);
        }
    }

    public record Block() {
        @Tool("Block the calling thread for some milliseconds.")
        public Map<String, Object> block(@P("How many milliseconds.") int ms) {
            return Synthetic.block(ms);
        }
    }

    public record Compute() {
        @Tool("Compute for some milliseconds.")
        public Map<String, Object> compute(@P("How many milliseconds of CPU time.") int ms) {
            return Synthetic.compute(ms);
        }
    }

    public record Payload() {
        @Tool("Return a text of some length.")
        public Map<String, Object> payload(@P("How many characters.") int bytes) {
            return Synthetic.payload(bytes);
        }
    }

    public record Fail() {
        @Tool("Fail with a message.")
        public Map<String, Object> fail(@P("The message.") String message) {
            return Synthetic.fail(message);
        }
    }
}
