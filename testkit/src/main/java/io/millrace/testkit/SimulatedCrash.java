package io.millrace.testkit;

/** The simulated machine has stopped: the call did not return, and no later one will. An error, so that nobody handles it. */
public final class SimulatedCrash extends Error {

    private static final long serialVersionUID = 1L;

    /** What was being done when the machine stopped. */
    public SimulatedCrash(String during) {
        super("the simulated machine stopped at " + during);
    }
}
