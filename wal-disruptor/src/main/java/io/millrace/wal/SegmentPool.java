package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageFullException;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Keeps segments prepared ahead of need, on a thread of its own, so that the commit path never creates a file: recycles those no longer needed,
 * else fills new ones with zeros. A full disk is seen here and nowhere else (L13): those in line are told, and it tries again.
 */
final class SegmentPool {
    private static final long RETRY_NANOS = 50_000_000;
    private static final int SPARE = 2;
    private static final long NOT_CROWDED = -1;
    /** The first one may have begun before. */
    private static final int CHECKPOINTS_AWAITED = 2;

    private final StorageDirectory directory;
    private final long segmentSize;
    private final long usableBytes;
    private final SyncMode mode;
    private final Admission admission;
    private final Consumer<Throwable> failure;
    private final Queue<Segment> ready = new ConcurrentLinkedQueue<>();
    private final Queue<Long> obsolete = new ConcurrentLinkedQueue<>();
    private final LogIndex index;
    private final long maxSegments;
    private final EngineThreads threads;
    private volatile Thread thread;
    private volatile boolean closed;
    private final AtomicInteger segments = new AtomicInteger();
    private final AtomicLong checkpoints = new AtomicLong();
    /** Checkpoints done when the log was found as large as it may be. */
    private final AtomicLong crowdedAt = new AtomicLong(NOT_CROWDED);

    private long nextNumber;

    SegmentPool(
            StorageDirectory directory,
            WalOptions options,
            long firstNumber,
            LogIndex index,
            Admission admission,
            Consumer<Throwable> failure) {
        this.directory = directory;
        segmentSize = options.segmentSizeBytes();
        usableBytes = options.usableBytes();
        mode = options.mode();
        this.index = index;
        long maxBytes = options.keeping().maxBytes();
        maxSegments = maxBytes == 0 ? Long.MAX_VALUE : maxBytes / segmentSize;
        threads = options.threads();
        this.admission = admission;
        this.failure = failure;
        nextNumber = firstNumber;
    }

    /** Prepares the first segment on the calling engine thread and starts the thread for the others. */
    void start() throws IOException {
        prepareOne();
        thread = threads.start("segments", this::run);
    }

    private void prepareOne() throws IOException {
        Long former = obsolete.poll();
        Segment segment = former == null
                ? Segment.prepare(directory, nextNumber, segmentSize, mode)
                : Segment.recycle(directory, former, nextNumber, mode);
        nextNumber++;
        if (former == null) {
            segments.incrementAndGet();
        }
        ready.add(segment);
        admission.addBytes(usableBytes);
    }

    /** The next prepared segment, or null if it is not there yet. The log thread. */
    Segment take() {
        Segment segment = ready.poll();
        threads.unpark(thread);
        return segment;
    }

    boolean isEmpty() {
        return ready.isEmpty();
    }

    /** The log thread began to write a segment. */
    void began(long number, long firstLsn) {
        index.begin(number, firstLsn, segmentSize);
    }

    /** Which segments hold the log. */
    LogIndex index() {
        return index;
    }

    /** These segments may be used again; {@link #wake} comes after. */
    void obsolete(List<LogIndex.Entry> dropped) {
        for (LogIndex.Entry segment : dropped) {
            obsolete.add(segment.number());
        }
    }

    /** Sees to segments that have become obsolete. */
    void wake() {
        if (!obsolete.isEmpty()) {
            threads.unpark(thread);
        }
    }

    /** A checkpoint is done, whether or not segments became free by it. */
    void checkpointDone() {
        checkpoints.incrementAndGet();
        if (isCrowded()) {
            threads.unpark(thread);
        }
    }

    /** Whether the log is as large as it may be, and needs more. */
    boolean isCrowded() {
        return crowdedAt.get() != NOT_CROWDED;
    }

    /** Segments of former runs, oldest first, that recovery found. */
    void adopt(long number, long firstLsn) {
        segments.incrementAndGet();
        index.adopt(number, firstLsn, segmentSize);
    }

    int segments() {
        return segments.get();
    }

    private void run() {
        while (!closed) {
            try {
                if (tooFew() && mayGrow()) {
                    prepareOne();
                } else {
                    discardSurplus();
                    threads.park(this, RETRY_NANOS);
                }
            } catch (NoSpaceException full) {
                MillraceException cause =
                        new StorageFullException(directory.path(SegmentLayout.DIRECTORY), segmentSize, full);
                admission.refuseAll(cause);
                threads.park(this, RETRY_NANOS);
            } catch (Throwable other) {
                failure.accept(other);
                return;
            }
        }
    }

    /** Whether there is a file to use again, or may be one more; if not, writers wait for checkpoints, and if those free nothing, are refused. */
    private boolean mayGrow() {
        if (!obsolete.isEmpty() || segments.get() < maxSegments) {
            crowdedAt.set(NOT_CROWDED);
            return true;
        }
        if (crowdedAt.compareAndSet(NOT_CROWDED, checkpoints.get())) {
            return false;
        }
        if (checkpoints.get() - crowdedAt.get() >= CHECKPOINTS_AWAITED) {
            admission.refuseAll(new StorageFullException(directory.path(SegmentLayout.DIRECTORY), segmentSize, null));
        }
        return false;
    }

    private boolean tooFew() {
        return ready.size() < SPARE || admission.freeBytes() < usableBytes;
    }

    private void discardSurplus() throws IOException {
        boolean some = false;
        while (obsolete.size() > SPARE) {
            directory.delete(SegmentLayout.fileName(obsolete.poll()));
            segments.decrementAndGet();
            some = true;
        }
        if (some) {
            directory.force(SegmentLayout.DIRECTORY);
        }
    }

    void close() throws IOException {
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
        for (Segment segment = ready.poll(); segment != null; segment = ready.poll()) {
            segment.close();
        }
    }
}
