package io.millrace;

import io.millrace.recovery.RestartListener;
import io.millrace.recovery.RestartProgress;

/** What an engine tells the one who opened it. Called on engine threads. */
@FunctionalInterface
interface EngineEvents extends RestartListener {
    /** Nothing is written any more (L9); called once. */
    void poisoned(Throwable cause);

    // Nobody passes one of these on as a mere RestartListener made of a lambda.
    @SuppressWarnings("FunctionalInterfaceMethodChanged")
    @Override
    default void restarting(RestartProgress progress) {}
}
