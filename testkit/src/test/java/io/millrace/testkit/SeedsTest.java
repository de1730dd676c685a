package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SeedsTest {

    @Test
    void runsEachSeedWithItsOwnChances() {
        List<Long> seen = new ArrayList<>();
        Seeds.forEach(5, (seed, random) -> seen.add(seed));
        int expected = Long.getLong("millrace.seed") == null ? 5 : 1;
        assertEquals(expected, seen.stream().distinct().count());
    }

    @Test
    void aFailureNamesSeedAndCommand() {
        List<Long> seen = new ArrayList<>();
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> Seeds.forEach(3, (seed, random) -> {
                    seen.add(seed);
                    throw new IllegalStateException("broken");
                }));
        assertEquals(1, seen.size());
        assertTrue(failure.getMessage().contains("seed " + seen.get(0)), failure.getMessage());
        assertTrue(failure.getMessage().contains("-Dmillrace.seed=" + seen.get(0)), failure.getMessage());
        assertTrue(failure.getMessage().contains("SeedsTest#"), failure.getMessage());
    }
}
