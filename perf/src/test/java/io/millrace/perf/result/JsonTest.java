package io.millrace.perf.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void whatIsWrittenIsReadBack() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("text", "quote \" backslash \\ line\nend <script> \u0001 ä");
        value.put("number", 1234.0);
        value.put("nothing", null);
        value.put("list", Arrays.asList(true, false, null, List.of(), Map.of()));
        value.put("nested", Map.of("deeper", List.of(Map.of("a", 1.5))));

        assertEquals(value, JsonReader.read(Json.line(value)));
        assertEquals(value, JsonReader.read(Json.pretty(value)));
    }

    @Test
    void numbersHaveFourDigitsAndWhatIsNoNumberIsNull() {
        assertEquals(
                "[0.001234, 12.35, 123457, 5, null]",
                Json.line(Arrays.asList(0.00123412, 12.3456, 123456.7, 5.0, Double.NaN)));
    }

    @Test
    void noElementCanBeClosedFromInsideAText() {
        assertFalse(Json.line("</script>").contains("<"));
    }

    @Test
    void anErrorNamesThePlace() {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> JsonReader.read("{\"a\": 1 \"b\"}"));
        assertTrue(error.getMessage().contains("character 8"), error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read("[1, 2"));
        assertThrows(IllegalArgumentException.class, () -> JsonReader.read("{} x"));
    }
}
