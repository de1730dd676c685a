package io.millrace;

import io.millrace.error.MillraceException;
import io.millrace.error.StoreOverloadedException;
import io.millrace.txn.Workers;
import io.millrace.wal.CommitWaiter;
import io.millrace.wal.Wal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the change streams of a store share: the thread that reads the log for them, and one place in the line of those who wait for it to grow.
 * Lock-free, any thread.
 */
final class ChangeStreams implements CommitWaiter {
    private final Wal wal;
    private final Workers readers;
    private final int maxStreams;
    private final AtomicInteger open = new AtomicInteger();
    private final Set<ChangesSubscription> waiting = ConcurrentHashMap.newKeySet();
    /** Whether this stands in the log's line. Whoever sets it goes there; cleared before those who wait are told. */
    private final AtomicBoolean inLine = new AtomicBoolean();

    ChangeStreams(Wal wal, Workers readers, int maxStreams) {
        this.wal = wal;
        this.readers = readers;
        this.maxStreams = maxStreams;
    }

    /** One more stream; it must {@link #leave}. */
    void enter() {
        if (open.incrementAndGet() > maxStreams) {
            open.decrementAndGet();
            throw new StoreOverloadedException("open change streams (changes.max-streams=" + maxStreams + ")");
        }
    }

    void leave() {
        open.decrementAndGet();
    }

    /** Runs {@code reading} on the thread that reads the log. */
    void execute(Runnable reading) {
        readers.execute(reading);
    }

    /** Tells {@code stream} when {@code lsn} is durable, or before, unless it is {@linkplain #withdraw withdrawn}. */
    void await(ChangesSubscription stream, long lsn) {
        waiting.add(stream);
        if (inLine.compareAndSet(false, true)) {
            wal.whenDurable(wal.durableLsn() + 1, this);
        }
        // It may have become durable before this stood in line.
        if (wal.durableLsn() >= lsn && withdraw(stream)) {
            stream.readOn();
        }
    }

    /** Whether it waited; nobody will tell it then. */
    boolean withdraw(ChangesSubscription stream) {
        return waiting.remove(stream);
    }

    @Override
    public void reached(long lsn) {
        inLine.set(false);
        for (ChangesSubscription stream : waiting) {
            if (withdraw(stream)) {
                stream.readOn();
            }
        }
    }

    @Override
    public void lost(MillraceException cause) {
        inLine.set(false);
        for (ChangesSubscription stream : waiting) {
            if (withdraw(stream)) {
                stream.readEnded(cause);
            }
        }
    }
}
