package loopmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict reader and writer of JSON (RFC 8259), which the JDK has not.
 *
 * <p>Objects are {@link Map}s in the text's order, arrays {@link List}s, numbers {@link Long}s where
 * they are whole and fit, else {@link Double}s; {@code null} is null.
 */
public final class Json {
    private static final int MOST_DEPTH = 500;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /** A text that is no JSON; the message says where and why. */
    public static final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Malformed(String reason, int at) {
            super(reason + " at character " + at);
        }
    }

    /**
     * The value of a text that is one JSON value and nothing else.
     *
     * @throws Malformed if it is not, or an object has a key twice
     */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.peek();
        if (json.at < text.length()) {
            throw json.malformed("something after the value");
        }
        return value;
    }

    /** The next character that is no white space, left where it is; NUL at the end, which starts nothing. */
    private char peek() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return c;
            }
            at++;
        }
        return '\0';
    }

    private Object value() {
        char c = peek();
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> {
                if (c == '-' || isDigit(c)) {
                    yield number();
                }
                throw malformed("no value");
            }
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        enter();
        if (peek() != '}') {
            do {
                if (peek() != '"') {
                    throw malformed("no key");
                }
                String key = string();
                if (peek() != ':') {
                    throw malformed("no colon");
                }
                at++;
                Object value = value();
                if (members.containsKey(key)) {
                    throw malformed("the key " + key + " again");
                }
                members.put(key, value);
            } while (hasNext('}'));
        }
        leave();
        return members;
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        enter();
        if (peek() != ']') {
            do {
                items.add(value());
            } while (hasNext(']'));
        }
        leave();
        return items;
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw malformed("more than " + MOST_DEPTH + " levels");
        }
        at++;
    }

    private void leave() {
        depth--;
        at++;
    }

    /** Steps over a comma; false at the closing bracket, which is left where it is. */
    private boolean hasNext(char close) {
        char c = peek();
        if (c == ',') {
            at++;
            return true;
        }
        if (c != close) {
            throw malformed("neither a comma nor " + close);
        }
        return false;
    }

    private Object literal(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw malformed("no value");
        }
        at += word.length();
        return value;
    }

    private Number number() {
        int start = at;
        boolean isWhole = true;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            isWhole = false;
            digits();
        }
        if (skip('e') || skip('E')) {
            isWhole = false;
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        String digits = text.substring(start, at);
        if (isWhole) {
            try {
                return Long.valueOf(digits);
            } catch (NumberFormatException tooLong) {
                // It becomes the nearest double.
            }
        }
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
            throw malformed("a number beyond all doubles");
        }
        return value;
    }

    private boolean skip(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void digits() {
        int start = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw malformed("no digit");
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private String string() {
        int start = ++at;
        // Most strings have no escape: those are a part of the text as it is.
        while (true) {
            char c = inString();
            if (c == '"') {
                return text.substring(start, at++);
            }
            if (c == '\\') {
                break;
            }
            at++;
        }
        StringBuilder unescaped = new StringBuilder().append(text, start, at);
        while (true) {
            char c = inString();
            at++;
            if (c == '"') {
                return unescaped.toString();
            }
            unescaped.append(c == '\\' ? escaped() : c);
        }
    }

    /** The next character of a string, left where it is. */
    private char inString() {
        if (at >= text.length()) {
            throw malformed("a string without an end");
        }
        char c = text.charAt(at);
        if (c < ' ') {
            throw malformed("a control character in a string");
        }
        return c;
    }

    private char escaped() {
        char c = inString();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> fourHexDigits();
            default -> throw malformed("the escape \\" + c);
        };
    }

    private char fourHexDigits() {
        int code = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0 || text.charAt(at) > 'f') {
                throw malformed("no four hexadecimal digits");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    private Malformed malformed(String reason) {
        return new Malformed(at < text.length() ? reason : reason + ", but the end,", at);
    }

    /**
     * A value as JSON, on one line.
     *
     * @param value a {@link Map} with {@link String} keys, an {@link Iterable}, a {@link CharSequence},
     *     a whole or finite {@link Number}, a {@link Boolean} or null
     * @throws IllegalArgumentException if it is something else
     */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value instanceof CharSequence characters) {
            writeString(characters, out);
        } else if (value instanceof Map<?, ?> map) {
            out.append('{');
            String comma = "";
            for (Map.Entry<?, ?> member : map.entrySet()) {
                out.append(comma);
                writeString((String) member.getKey(), out);
                out.append(':');
                write(member.getValue(), out);
                comma = ",";
            }
            out.append('}');
        } else if (value instanceof Iterable<?> items) {
            out.append('[');
            String comma = "";
            for (Object item : items) {
                out.append(comma);
                write(item, out);
                comma = ",";
            }
            out.append(']');
        } else if (value == null || value instanceof Boolean || isNumber(value)) {
            out.append(value);
        } else {
            throw new IllegalArgumentException("no JSON: " + value);
        }
    }

    private static boolean isNumber(Object value) {
        return value instanceof Long
                || value instanceof Integer
                || value instanceof Double number && Double.isFinite(number);
    }

    private static void writeString(CharSequence characters, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < characters.length(); i++) {
            char c = characters.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
