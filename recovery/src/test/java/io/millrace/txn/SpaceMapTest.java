package io.millrace.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SpaceMapTest {
    private static final int PAGE = 4096;

    /** Else the bit of its last page would lie nowhere, and the page be handed out once more after the next open. */
    @Test
    void aFileNeverEndsBeforeTheMapPageOfItsLastPage() {
        long bits = SpaceMap.bitsPerPage(PAGE);
        for (long block = 0; block < 3; block++) {
            for (long pages = Math.max(1, block * bits - 2); pages < block * bits + 5; pages++) {
                long whole = SpaceMap.wholeFile(pages, PAGE);
                assertTrue(whole >= pages && whole <= pages + 1, pages + " became " + whole);
                assertTrue(SpaceMap.mapPageOf(whole - 1, PAGE) < whole, "a file of " + whole + " pages");
                assertEquals(whole, SpaceMap.wholeFile(whole, PAGE));
            }
        }
        assertEquals(bits + 2, SpaceMap.wholeFile(bits + 1, PAGE));
    }
}
