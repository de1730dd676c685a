package io.millrace.recovery;

import java.util.List;

/** Takes committed transactions in the order of their commits. */
@FunctionalInterface
public interface CommitConsumer<T> {
    /** What was committed at {@code lsn}; not empty, its own from now on. */
    void commit(long lsn, List<T> changes);
}
