package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The restart point follows the end of the log within the targets, in small steps. */
final class CheckpointPaceTest {
    private static final long MEBI = 1 << 20;
    private static final long NEVER = TimeUnit.DAYS.toNanos(1);
    private static final long BYTES_PER_LSN = 100;
    private static final RedoSpeed TEN_NANOS = new RedoSpeed(10, TimeUnit.MICROSECONDS.toNanos(50));

    @Test
    void nothingIsWrittenBackWhileTheLogIsShort() {
        CheckpointPace pace = new CheckpointPace(new CheckpointTargets(NEVER, 64 * MEBI, NEVER), TEN_NANOS);
        for (long lsn = 1; lsn * BYTES_PER_LSN < 47 * MEBI; lsn += 1000) {
            pace.note(lsn, lsn * BYTES_PER_LSN);
            assertEquals(0, pace.writeBackBelow(0, 1000));
        }
    }

    @Test
    void theRestartPointStaysWithinTheByteTargetInSmallSteps() {
        assertFollows(64 * MEBI, NEVER, 64 * MEBI);
    }

    @Test
    void theRestartPointStaysWithinTheTimeTargetInSmallSteps() {
        // 1 s at 10 ns a byte, less 0.5 s for 10000 pages.
        assertFollows(Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(1), TimeUnit.SECONDS.toNanos(1) / 2 / 10);
    }

    @Test
    void targetsThatAreNeverMetDoNotOverflow() {
        CheckpointPace pace =
                new CheckpointPace(new CheckpointTargets(NEVER, 1L << 40, TimeUnit.DAYS.toNanos(365)), TEN_NANOS);
        pace.note(1, 0);
        for (long lsn = 1; lsn < 1 << 30; lsn += 1 << 20) {
            pace.note(lsn, lsn * BYTES_PER_LSN);
            assertEquals(0, pace.writeBackBelow(0, 10_000));
        }
    }

    @Test
    void manyDirtyPagesLeaveLessRoomForLog() {
        CheckpointTargets second = new CheckpointTargets(NEVER, Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(1));
        CheckpointPace pace = new CheckpointPace(second, TEN_NANOS);
        for (long lsn = 1; lsn <= 100_000; lsn += 1000) {
            pace.note(lsn, lsn * BYTES_PER_LSN);
        }
        assertEquals(0, pace.writeBackBelow(1, 1000));
        assertTrue(pace.writeBackBelow(1, 19_000) > 1);
    }

    /** Writes log for a while, moves the restart point as asked, and looks how far it ever was behind. */
    private static void assertFollows(long logBytes, long recoveryNanos, long mostBehind) {
        CheckpointPace pace = new CheckpointPace(new CheckpointTargets(NEVER, logBytes, recoveryNanos), TEN_NANOS);
        long restart = 0;
        long longestStep = 0;
        long farthest = 0;
        int steps = 0;
        long dirtyPages = recoveryNanos == NEVER ? 0 : 10_000;
        for (long lsn = 1; lsn * BYTES_PER_LSN < 1024 * MEBI; lsn += 2000) {
            pace.note(lsn, lsn * BYTES_PER_LSN);
            farthest = Math.max(farthest, lsn - restart);
            long below = pace.writeBackBelow(restart, dirtyPages);
            if (below != 0) {
                longestStep = steps++ == 0 ? 0 : Math.max(longestStep, below - restart);
                restart = below;
                pace.moved(restart);
            }
        }
        assertTrue(steps > 16, "steps: " + steps);
        assertTrue(farthest * BYTES_PER_LSN < mostBehind, "bytes behind: " + farthest * BYTES_PER_LSN);
        assertTrue(longestStep * BYTES_PER_LSN < mostBehind / 8, "bytes in a step: " + longestStep * BYTES_PER_LSN);
    }
}
