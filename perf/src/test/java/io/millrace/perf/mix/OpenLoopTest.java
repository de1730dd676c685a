package io.millrace.perf.mix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.load.Slot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** In made-up time, so that a second costs nothing and is exactly one. */
class OpenLoopTest {
    private static final int RATE = 1000;
    private static final int SECONDS = 10;
    private static final long SECOND = 1_000_000_000;
    private static final long STALL_BEGIN = 4 * SECOND;
    private static final long STALL_END = 5 * SECOND;

    private final Deque<Slot> waiting = new ArrayDeque<>();
    private long now;
    private long oversleepNanos;

    private final Pacer pacer = new Pacer() {
        @Override
        public long nanos() {
            return now;
        }

        @Override
        public void waitFor(long nanos) {
            now += nanos + oversleepNanos;
            answerAfterStall();
        }
    };

    @Test
    void theRateIsHeldThoughEveryWaitIsTooLong() {
        oversleepNanos = 60_000;
        OpenLoop loop = run(Slot::onComplete);

        assertEquals(RATE * SECONDS, loop.arrived());
        assertEquals(RATE, loop.arrivalRate(), RATE * 0.01);
        assertEquals(RATE * SECONDS, loop.latencies().getTotalCount());
        assertNear(oversleepNanos, loop.latencies().getMaxValue());
    }

    @Test
    void aStallOfTheStoreIsFeltByAllThatWereDueMeanwhile() {
        checkStall(run(slot -> {
            if (now >= STALL_BEGIN && now < STALL_END) {
                waiting.add(slot);
            } else {
                answerAfterStall();
                slot.onComplete();
            }
        }));
    }

    @Test
    void aStallOfTheDriverItselfIsFeltAsWell() {
        boolean[] stalled = new boolean[1];
        checkStall(run(slot -> {
            if (now >= STALL_BEGIN && !stalled[0]) {
                stalled[0] = true;
                now = STALL_END;
            }
            slot.onComplete();
        }));
    }

    private static void checkStall(OpenLoop loop) {
        Histogram latencies = loop.latencies();
        assertEquals(RATE * SECONDS, latencies.getTotalCount());
        assertNear(SECOND, latencies.getMaxValue());
        // One in ten was due during that second: half of them had to wait for more than half of it.
        assertNear(RATE / 2L, latencies.getCountBetweenValues(SECOND / 2, 2 * SECOND));
        assertNear(SECOND * 9 / 10, latencies.getValueAtPercentile(99));
        assertEquals(0, latencies.getValueAtPercentile(89));
        assertEquals(RATE, loop.arrivalRate(), RATE * 0.01);
    }

    @Test
    void progressComesOnceASecond() {
        List<Long> seconds = new ArrayList<>();
        OpenLoop loop = new OpenLoop(pacer, RATE, Slot::onComplete);
        loop.run(3.5, seconds::add);
        assertEquals(List.of(1L, 2L, 3L), seconds);
        assertTrue(loop.open() == 0);
    }

    /** Within one in a hundred: histograms have three digits. */
    private static void assertNear(long expected, long actual) {
        assertTrue(Math.abs(expected - actual) <= expected / 100, actual + " instead of " + expected);
    }

    private OpenLoop run(Consumer<Slot> target) {
        OpenLoop loop = new OpenLoop(pacer, RATE, target);
        loop.run(SECONDS, second -> {});
        return loop;
    }

    private void answerAfterStall() {
        if (now >= STALL_END) {
            for (Slot slot = waiting.poll(); slot != null; slot = waiting.poll()) {
                slot.onComplete();
            }
        }
    }
}
