package io.millrace.perf.compare;

/** The operations that one driving thread does, one after another. */
interface OperationSource {
    Operation next();
}
