package io.millrace;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps the log silent while simulated machines stop: what is thrown then would be logged by everybody who meets it. */
final class QuietLog {
    // Held here, or it might be collected and forget its level.
    private static final Logger ROOT = Logger.getLogger("");

    private QuietLog() {}

    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    static void during(Action action) throws Exception {
        Level before = ROOT.getLevel();
        ROOT.setLevel(Level.OFF);
        try {
            action.run();
        } finally {
            ROOT.setLevel(before);
        }
    }
}
