package io.millrace.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static Arguments parse(String... arguments) {
        return Arguments.parse(List.of(arguments), Set.of("seconds", "in-flight"), Set.of("halt"));
    }

    @Test
    void readsOptionsFlagsSettingsAndWords() {
        Arguments parsed = parse("one", "--seconds", "3", "--in-flight=1,16", "--halt", "-p", "a.b=c=d", "two");
        assertEquals(3, parsed.number("seconds", 10, 1));
        assertEquals(List.of(1, 16), parsed.numbers("in-flight", List.of(), 1));
        assertTrue(parsed.has("halt"));
        assertEquals(Map.of("a.b", "c=d"), parsed.settings());
        assertEquals(List.of("one", "two"), parsed.words());
    }

    @Test
    void absentOptionsHaveTheirDefault() {
        Arguments parsed = parse();
        assertEquals(10, parsed.smallNumber("seconds", 10, 1));
        assertEquals(List.of(7), parsed.numbers("in-flight", List.of(7), 1));
        assertFalse(parsed.has("halt"));
    }

    @Test
    void theLastOfEqualOptionsWins() {
        assertEquals(5, parse("--seconds", "3", "--seconds", "5").number("seconds", 1, 1));
    }

    @Test
    void saysWhatIsWrong() {
        assertEquals("unknown option: --second", complaint(() -> parse("--second", "3")));
        assertEquals("unknown option: -s", complaint(() -> parse("-s")));
        assertEquals("unknown option: --halt=1", complaint(() -> parse("--halt=1")));
        assertEquals("--seconds needs a value", complaint(() -> parse("--seconds")));
        assertEquals("-p needs key=value, not x", complaint(() -> parse("-p", "x")));
        assertEquals(
                "--seconds needs a number, not \"three\"",
                complaint(() -> parse("--seconds", "three").number("seconds", 1, 1)));
        assertEquals(
                "--seconds must be at least 1, not 0",
                complaint(() -> parse("--seconds", "0").number("seconds", 1, 1)));
        assertEquals(
                "--in-flight needs a number, not \"\"",
                complaint(() -> parse("--in-flight", "1,").numbers("in-flight", List.of(), 1)));
        assertEquals(
                "--in-flight must be at most 2147483647, not 3000000000",
                complaint(() -> parse("--in-flight", "3000000000").numbers("in-flight", List.of(), 1)));
    }

    private static String complaint(Runnable attempt) {
        return assertThrows(UsageException.class, attempt::run).getMessage();
    }
}
