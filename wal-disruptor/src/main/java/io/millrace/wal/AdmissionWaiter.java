package io.millrace.wal;

import io.millrace.error.MillraceException;

/** Waits for log credits as a continuation; told on an engine thread, and must hand over at once. */
public interface AdmissionWaiter {
    /** The credits asked for are held from now on. */
    void admitted();

    /** They will not come: the disk is full, the store is poisoned or closed. */
    void refused(MillraceException cause);
}
