package io.millrace.recovery;

import java.util.concurrent.TimeUnit;

/**
 * How fast a restart is taken to be.
 *
 * @param nanosPerByte for reading a byte of log and repeating it
 * @param nanosPerPage for loading a page
 */
record RedoSpeed(double nanosPerByte, long nanosPerPage) {
    /** What a slow disk and two cores do. */
    static final RedoSpeed ASSUMED = new RedoSpeed(10, TimeUnit.MICROSECONDS.toNanos(50));

    /** A measurement over less than that says little. */
    private static final long MIN_BYTES = 64L << 20;
    /** The next restart may meet a busier machine. */
    private static final double CAUTION = 1.5;

    /** As the last restart was, if that had enough to do. */
    static RedoSpeed measured(long redoneBytes, long nanos) {
        return redoneBytes < MIN_BYTES ? ASSUMED : new RedoSpeed(CAUTION * nanos / redoneBytes, ASSUMED.nanosPerPage());
    }

    double nanos(long bytes, long pages) {
        return bytes * nanosPerByte + pages * nanosPerPage;
    }
}
