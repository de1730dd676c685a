package io.millrace.wal;

import io.millrace.error.MillraceException;
import io.millrace.error.OutcomeUnknownException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.collections.LongArrayList;

/** The waiters of one write or force, in LSN order: ONE object handed to the completion workers. */
final class CommitBatch implements SharedWork {
    private static final System.Logger LOG = System.getLogger(CommitBatch.class.getName());

    /** What they are told. */
    enum Stage {
        WRITTEN,
        REACHED
    }

    private final Stage stage;
    private final LongArrayList lsns = new LongArrayList();
    private final List<CommitWaiter> waiters = new ArrayList<>();
    /** The next one to be told; taken by whoever tells. */
    private final AtomicInteger next = new AtomicInteger();

    private MillraceException lost;
    private Throwable unknown;

    CommitBatch() {
        this(Stage.REACHED);
    }

    CommitBatch(Stage stage) {
        this.stage = stage;
    }

    /** A batch to collect in from now on: this one, unless it has waiters and so belongs to those who tell them. */
    CommitBatch next() {
        return isEmpty() ? this : new CommitBatch(stage);
    }

    void add(long lsn, CommitWaiter waiter) {
        lsns.addLong(lsn);
        waiters.add(waiter);
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }

    /** What these wait for will not become durable. */
    CommitBatch lost(MillraceException cause) {
        lost = cause;
        return this;
    }

    /** These records were on their way when the log failed: each waiter gets the outcome of its own LSN as unknown. */
    void unknown(Throwable cause) {
        unknown = cause;
    }

    @Override
    public void run() {
        for (int i = next.getAndIncrement(); i < waiters.size(); i = next.getAndIncrement()) {
            try {
                tell(waiters.get(i), lsns.getLong(i));
            } catch (Throwable failure) {
                LOG.log(System.Logger.Level.ERROR, "a commit callback failed; the others go on", failure);
            }
        }
    }

    private void tell(CommitWaiter waiter, long lsn) {
        if (unknown != null) {
            waiter.lost(new OutcomeUnknownException(lsn, unknown));
        } else if (lost != null) {
            waiter.lost(lost);
        } else if (stage == Stage.WRITTEN) {
            waiter.written(lsn);
        } else {
            waiter.reached(lsn);
        }
    }
}
