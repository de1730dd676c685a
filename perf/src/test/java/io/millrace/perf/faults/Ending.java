package io.millrace.perf.faults;

import java.util.concurrent.TimeUnit;

/** The end of another process, waited for with a deadline far beyond what it takes. */
final class Ending {
    private static final long PATIENCE_SECONDS = 60;

    private Ending() {}

    /** Throws if the process does not end. */
    static void await(Process process, String what) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(what + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the end of " + what, e);
        }
    }
}
