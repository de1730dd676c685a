package io.millrace.perf.result;

import java.util.List;
import java.util.Map;

/** Writes maps, lists, strings, numbers, booleans and null as JSON text; {@link JsonReader} reads them back. */
public final class Json {
    private static final int CONTROL = 0x20;
    private static final String INDENT = "  ";

    private Json() {}

    /** On one line. */
    public static String line(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, null);
        return text.toString();
    }

    /** For people and for diffs: an indented line per member; what holds only plain values stays on one. */
    public static String pretty(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, "\n");
        return text.append('\n').toString();
    }

    private static void write(StringBuilder text, Object value, String newLine) {
        if (value instanceof Map<?, ?> map) {
            writeMap(text, map, isFlat(map.values()) ? null : newLine);
        } else if (value instanceof List<?> list) {
            writeList(text, list, isFlat(list) ? null : newLine);
        } else if (value instanceof Double number) {
            text.append(number(number));
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            text.append(value);
        } else {
            writeString(text, value.toString());
        }
    }

    private static boolean isFlat(Iterable<?> values) {
        for (Object value : values) {
            if (value instanceof Map<?, ?> || value instanceof List<?>) {
                return false;
            }
        }
        return true;
    }

    private static void writeMap(StringBuilder text, Map<?, ?> map, String newLine) {
        text.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(separator);
            separator = newLine == null ? ", " : ",";
            String inner = newLine == null ? null : newLine + INDENT;
            text.append(inner == null ? "" : inner);
            writeString(text, entry.getKey().toString());
            text.append(": ");
            write(text, entry.getValue(), inner);
        }
        text.append(newLine == null || map.isEmpty() ? "" : newLine).append('}');
    }

    private static void writeList(StringBuilder text, List<?> list, String newLine) {
        text.append('[');
        String separator = "";
        for (Object value : list) {
            text.append(separator);
            separator = newLine == null ? ", " : ",";
            String inner = newLine == null ? null : newLine + INDENT;
            text.append(inner == null ? "" : inner);
            write(text, value, inner);
        }
        text.append(newLine == null || list.isEmpty() ? "" : newLine).append(']');
    }

    /** Four significant digits are more than any of these measurements has; whole numbers stay whole. */
    private static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "null";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Math.abs(value) >= 1000) {
            return Long.toString(Math.round(value));
        }
        return new java.math.BigDecimal(value)
                .round(new java.math.MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static void writeString(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    // "<" too: the text may stand inside a script element.
                    if (c < CONTROL || c == '<') {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
