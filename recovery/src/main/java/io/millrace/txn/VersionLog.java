package io.millrace.txn;

import io.millrace.common.EngineThreads;
import io.millrace.error.LogPositionGoneException;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageIoException;
import io.millrace.wal.LogReader;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Reads overwritten versions back from the log: what a {@link StubTable} stands for, and what a large transaction has to undo. A thread of its own,
 * started by the first request: most stores never need it. Requests wait in line; a record that is not durable yet is forced first.
 */
public final class VersionLog implements AutoCloseable {
    /** Told what was read, on that thread; must hand over. */
    interface Waiter {
        /** The answer; null if what was asked for is no longer kept, since nobody can need it. */
        void logRead(LogAnswer answer);

        /** It can't be read. */
        void logReadFailed(MillraceException cause);
    }

    private record Waiting(LogRequest request, Waiter waiter) {}

    private static final int RECORDS_AT_ONCE = 256;
    private static final long LSNS_AT_ONCE = 4096;
    /** What one transaction has overwritten is often wanted together, in the order of the keys or against it. */
    private static final long LSNS_AROUND = 512;

    private final Wal wal;
    private final RecordHandlers handlers;
    private final EngineThreads threads;
    private final Queue<Waiting> line = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private final LoggedRecord record = new LoggedRecord();
    /** Versions overwritten by the records around the last one that was looked for. */
    private final Long2ObjectHashMap<LoggedVersion> near = new Long2ObjectHashMap<>();

    private LogReader reader;
    /** Set by the thread before it looks for work and sleeps. */
    private volatile Thread sleeper;

    private volatile Thread thread;
    private volatile boolean closed;

    /** Nothing is read yet. */
    public VersionLog(Wal wal, RecordHandlers handlers, EngineThreads threads) {
        this.wal = wal;
        this.handlers = handlers;
        this.threads = threads;
    }

    /** Reads for {@code waiter}. Any thread, never blocks. */
    void read(LogRequest request, Waiter waiter) {
        line.add(new Waiting(request, waiter));
        if (started.compareAndSet(false, true)) {
            thread = threads.start("versions", this::run);
        } else {
            threads.unpark(sleeper);
        }
    }

    private void run() {
        reader = wal.reader();
        while (true) {
            sleeper = Thread.currentThread();
            Waiting next = line.poll();
            if (next != null) {
                answer(next);
            } else if (closed) {
                return;
            } else {
                threads.park(this);
            }
        }
    }

    private void answer(Waiting next) {
        LogAnswer answer = null;
        try {
            wal.awaitDurable(next.request.newestLsn());
            answer = new LogAnswer(next.request, read(next.request));
        } catch (MillraceException failure) {
            boolean dropped = failure instanceof LogPositionGoneException && next.request instanceof LogRequest.OfKey;
            if (!dropped) {
                next.waiter.logReadFailed(failure);
                return;
            }
        } catch (IOException | RuntimeException failure) {
            next.waiter.logReadFailed(new StorageIoException("read an overwritten version from the log", failure));
            return;
        }
        next.waiter.logRead(answer);
    }

    private List<LoggedVersion> read(LogRequest request) throws IOException {
        if (request instanceof LogRequest.OfKey ofKey) {
            return readKey(ofKey);
        }
        return readTransaction((LogRequest.OfTransaction) request);
    }

    private List<LoggedVersion> readKey(LogRequest.OfKey request) throws IOException {
        List<LoggedVersion> versions = new ArrayList<>();
        for (long lsn : request.lsns()) {
            LoggedVersion version = version(lsn);
            if (request.isOf(version)) {
                versions.add(version);
            }
        }
        return versions;
    }

    private LoggedVersion version(long lsn) throws IOException {
        LoggedVersion version = near.get(lsn);
        if (version == null) {
            near.clear();
            long from = Math.max(reader.oldestLsn(), lsn - LSNS_AROUND);
            reader.scan(Math.min(lsn, from), lsn + LSNS_AROUND, this::remember);
            version = near.get(lsn);
        }
        if (version == null) {
            throw new IllegalStateException("LSN " + lsn + " is no record that has overwritten anything");
        }
        return version;
    }

    private void remember(long lsn, long address, int length) {
        record.wrap(lsn, address, length);
        if (record.undoable()) {
            near.put(lsn, decode(lsn, address, length));
        }
    }

    private List<LoggedVersion> readTransaction(LogRequest.OfTransaction request) throws IOException {
        ArrayDeque<LoggedVersion> newestFirst = new ArrayDeque<>(RECORDS_AT_ONCE);
        long from = Math.max(request.firstLsn(), request.newestLsn() - LSNS_AT_ONCE);
        reader.scan(from, request.newestLsn(), (lsn, address, length) -> {
            record.wrap(lsn, address, length);
            if (record.changesPages() && record.transactionId() == request.transactionId()) {
                if (newestFirst.size() == RECORDS_AT_ONCE) {
                    newestFirst.removeLast();
                }
                newestFirst.addFirst(decode(lsn, address, length));
            }
        });
        if (newestFirst.isEmpty() || newestFirst.getFirst().lsn() != request.newestLsn()) {
            throw new IllegalStateException("LSN " + request.newestLsn() + " is no record of the transaction");
        }
        return List.copyOf(newestFirst);
    }

    private LoggedVersion decode(long lsn, long address, int length) {
        record.wrap(lsn, address, length);
        if (!record.undoable() || !record.nextChange()) {
            return LoggedVersion.nothing(record);
        }
        return handlers.of(record.changeOperation()).overwritten(record);
    }

    /** Ends the thread; nobody asks any more. */
    @Override
    public void close() throws IOException {
        closed = true;
        if (thread != null) {
            threads.unpark(thread);
            threads.join(thread);
            reader.close();
        }
    }
}
