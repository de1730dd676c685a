package io.millrace.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A restart tells how far it is, not too often, and how long it will take. */
final class RestartClockTest {
    private final List<RestartProgress> told = new ArrayList<>();
    private final StepClock clock = new StepClock();
    private final RestartClock restart = new RestartClock(clock, told::add);

    @Test
    void aPhaseTellsItsBeginningItsEndAndAFewTimesASecondInBetween() {
        restart.begin(RestartPhase.REDO, 10_000_000);
        for (int i = 0; i < 100_000; i++) {
            clock.now += TimeUnit.MICROSECONDS.toNanos(20);
            restart.advance(100);
        }
        restart.end();
        assertEquals(0, told.get(0).done());
        RestartProgress last = told.get(told.size() - 1);
        assertEquals(new RestartProgress(RestartPhase.REDO, 10_000_000, 10_000_000, 100_000, clock.now, true), last);
        assertEquals(TimeUnit.SECONDS.toNanos(2), restart.nanos(RestartPhase.REDO));
        assertTrue(told.size() > 5 && told.size() < 20, "events: " + told.size());
        RestartProgress halfWay = told.get(told.size() / 2);
        long estimate = halfWay.phaseNanos() + halfWay.remainingNanos();
        assertTrue(Math.abs(estimate - clock.now) < TimeUnit.MILLISECONDS.toNanos(1), "estimate: " + estimate);
    }

    @Test
    void progressInWords() {
        assertEquals(
                "restart: redo 25%, 256 of 1024 MiB of log, 2000000 records in 1.5 s, about 4.5 s left",
                RestartLog.line(
                        new RestartProgress(RestartPhase.REDO, 256 << 20, 1 << 30, 2_000_000, 1_500_000_000L, false)));
        assertEquals(
                "restart: undo 100%, 70 of 70 changes, 70 records in 0.1 s, about 0.0 s left",
                RestartLog.line(new RestartProgress(RestartPhase.UNDO, 70, 70, 70, 100_000_000L, true)));
        assertEquals(
                "restart: analysis 0%, 0 of 16 MiB of log, 0 records in 0.0 s",
                RestartLog.line(new RestartProgress(RestartPhase.ANALYSIS, 0, 16 << 20, 0, 0, false)));
    }

    private static final class StepClock implements EngineThreads {
        private long now;

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Thread start(String role, Runnable body) {
            throw new AssertionError(role);
        }

        @Override
        public void join(Thread thread) {
            throw new AssertionError(thread);
        }

        @Override
        public void park(Object blocker) {
            throw new AssertionError(blocker);
        }

        @Override
        public void park(Object blocker, long nanos) {
            throw new AssertionError(blocker);
        }

        @Override
        public void unpark(Thread thread) {
            throw new AssertionError(thread);
        }

        @Override
        public long random() {
            throw new AssertionError();
        }
    }
}
