package io.millrace.recovery;

import io.millrace.common.EngineThreads;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts the work of each phase of a restart, measures its time and tells the listener now and then. One thread. */
final class RestartClock {
    private static final long EVENT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** Records between two looks at the clock. */
    private static final int LOOK_RECORDS = 1024;

    private final EngineThreads threads;
    private final RestartListener listener;
    private final Map<RestartPhase, Long> phaseNanos = new EnumMap<>(RestartPhase.class);
    private RestartPhase phase = RestartPhase.ANALYSIS;
    private long began;
    private long nextEvent;
    private long total;
    private long done;
    private long records;
    private long nextLook;

    RestartClock(EngineThreads threads, RestartListener listener) {
        this.threads = threads;
        this.listener = listener;
    }

    /** A phase begins, with so much work to do. */
    void begin(RestartPhase next, long work) {
        phase = next;
        total = work;
        done = 0;
        records = 0;
        nextLook = LOOK_RECORDS;
        began = threads.nanoTime();
        nextEvent = began + EVENT_NANOS;
        tell(0, false);
    }

    /** How much work there is, once that is known. */
    void total(long work) {
        total = work;
    }

    /** One more record, which was so much work. */
    void advance(long work) {
        advance(work, 1);
    }

    /** Some more records, which were so much work together. */
    void advance(long work, int count) {
        done += work;
        records += count;
        if (records >= nextLook) {
            nextLook = records + LOOK_RECORDS;
            look();
        }
    }

    private void look() {
        long now = threads.nanoTime();
        if (now - nextEvent >= 0) {
            nextEvent = now + EVENT_NANOS;
            tell(now - began, false);
        }
    }

    /** The phase is over. */
    void end() {
        long taken = threads.nanoTime() - began;
        phaseNanos.put(phase, taken);
        tell(taken, true);
    }

    private void tell(long nanos, boolean finished) {
        listener.restarting(new RestartProgress(phase, done, total, records, nanos, finished));
    }

    /** Work done in the present phase. */
    long done() {
        return done;
    }

    /** How long a phase took. */
    long nanos(RestartPhase of) {
        return phaseNanos.getOrDefault(of, 0L);
    }
}
