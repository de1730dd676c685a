package io.millrace.wal;

import io.millrace.error.MillraceException;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;

/** The waiters of one force, in LSN order: ONE object handed to the completion workers. */
final class CommitBatch implements Runnable {
    private static final System.Logger LOG = System.getLogger(CommitBatch.class.getName());

    private final LongArrayList lsns = new LongArrayList();
    private final List<CommitWaiter> waiters = new ArrayList<>();
    private MillraceException lost;

    void add(long lsn, CommitWaiter waiter) {
        lsns.addLong(lsn);
        waiters.add(waiter);
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    int size() {
        return waiters.size();
    }

    long lsn(int index) {
        return lsns.getLong(index);
    }

    CommitWaiter waiter(int index) {
        return waiters.get(index);
    }

    /** This batch did not become durable. */
    CommitBatch lost(MillraceException cause) {
        lost = cause;
        return this;
    }

    @Override
    public void run() {
        for (int i = 0; i < waiters.size(); i++) {
            try {
                if (lost == null) {
                    waiters.get(i).durable(lsns.getLong(i));
                } else {
                    waiters.get(i).lost(lost);
                }
            } catch (Throwable failure) {
                LOG.log(System.Logger.Level.ERROR, "a commit callback failed; the others go on", failure);
            }
        }
    }
}
