package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A history answers with the last sample at or before what it is asked for, and never grows. */
final class LogHistoryTest {
    private final LogHistory history = new LogHistory();

    @Test
    void answersLieAtOrBefore() {
        history.note(10, 1000);
        history.note(20, 1500);
        history.note(20, 1500);
        history.note(30, 4000);
        assertEquals(0, history.bytesAt(9));
        assertEquals(1000, history.bytesAt(10));
        assertEquals(1500, history.bytesAt(29));
        assertEquals(4000, history.bytesAt(1000));
        assertEquals(0, history.lsnAt(999));
        assertEquals(10, history.lsnAt(1499));
        assertEquals(20, history.lsnAt(1500));
        assertEquals(30, history.lsnAt(Long.MAX_VALUE));
    }

    @Test
    void whatIsForgottenIsGoneAndTheRestIsKept() {
        history.note(10, 1000);
        history.note(20, 2000);
        history.note(30, 3000);
        history.forgetBefore(25);
        assertEquals(0, history.bytesAt(19));
        assertEquals(2000, history.bytesAt(25));
        history.forgetBefore(5);
        assertEquals(2000, history.bytesAt(25));
        history.note(40, 4000);
        assertEquals(4000, history.bytesAt(40));
    }

    @Test
    void aLongHistoryBecomesCoarserButStaysTrue() {
        for (long lsn = 1; lsn <= 100_000; lsn++) {
            history.note(lsn, lsn * 10);
        }
        for (long lsn = 1000; lsn <= 100_000; lsn += 77) {
            long bytes = history.bytesAt(lsn);
            assertTrue(bytes <= lsn * 10 && bytes >= lsn * 10 - 20_000, "at " + lsn + ": " + bytes);
        }
    }
}
