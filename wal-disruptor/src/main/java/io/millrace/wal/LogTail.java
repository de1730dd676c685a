package io.millrace.wal;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The end of the log: the segment being written, where in it the next block goes, and how much of it has been forced. The log thread's; anybody
 * may read the counts.
 */
final class LogTail {
    private static final long SEGMENT_WAIT_NANOS = 100_000;

    private final LogStart log;
    private final SegmentPool segments;
    private final Admission admission;
    private final WalOptions options;
    private final LogProgress progress;
    private final AtomicLong forces = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private Segment segment;
    private long position;
    private int previousChecksum;
    private long forcedAtNanos;

    LogTail(LogStart log, SegmentPool segments, Admission admission, WalOptions options, LogProgress progress) {
        this.log = log;
        this.segments = segments;
        this.admission = admission;
        this.options = options;
        this.progress = progress;
        previousChecksum = log.previousChecksum();
        forcedAtNanos = options.threads().nanoTime();
    }

    /** Bytes that blocks may still fill, 0 before the first segment. */
    long room() {
        return segment == null ? 0 : options.mode().usable(options.segmentSizeBytes()) - position;
    }

    /** Goes on in a fresh segment, the next LSN being {@code firstLsn}. */
    void nextSegment(long firstLsn) throws IOException {
        if (segment != null) {
            // So that all that may not be forced lies in one file.
            force();
            admission.addBytes(Math.max(0, position - SegmentLayout.FIRST_BLOCK - options.usableBytes()));
            Segment full = segment;
            segment = null;
            full.close();
        }
        Segment next = segments.take();
        while (next == null) {
            // Admission counts only prepared bytes, so this is a short wait for the preparer's hand-over at most.
            if (progress.poison() != null) {
                throw new IOException("no segment is being prepared any more", progress.poison());
            }
            options.threads().park(this, SEGMENT_WAIT_NANOS);
            next = segments.take();
        }
        segment = next;
        position = SegmentLayout.FIRST_BLOCK;
        segment.begin(log.storeId(), (int) log.incarnation(), firstLsn, previousChecksum);
        segments.began(segment.number(), firstLsn);
    }

    /** Writes a block behind the last one. Durable only after {@link #force}, unless the mode writes through. */
    void append(BlockBuilder block, long firstLsn, long lastLsn, int slotBytes) throws IOException {
        block.seal(log, segment.number(), position, firstLsn, lastLsn, progress.durable(), slotBytes, previousChecksum);
        segment.file().write(position, block.bytes());
        segments.index().note(firstLsn, position);
        previousChecksum = block.checksum();
        position += block.space();
        bytes.lazySet(bytes.get() + block.space());
        progress.written(lastLsn);
        if (!options.mode().needsForce()) {
            forced();
        }
    }

    /** Makes durable what is written. */
    void force() throws IOException {
        if (progress.durable() < progress.written()) {
            segment.file().force(false);
            forced();
        }
    }

    private void forced() {
        forces.lazySet(forces.get() + 1);
        forcedAtNanos = options.threads().nanoTime();
        progress.durable(progress.written());
    }

    /** With a mode that lags: how long what is written may still wait for its force; {@link Long#MAX_VALUE} until somebody asks. */
    long forceDueNanos() {
        if (progress.durable() == progress.written()) {
            return Long.MAX_VALUE;
        }
        if (progress.isForceWanted()) {
            return 0;
        }
        return options.mode() == SyncMode.INTERVAL
                ? Math.max(
                        0,
                        forcedAtNanos
                                + options.sync().intervalNanos()
                                - options.threads().nanoTime())
                : Long.MAX_VALUE;
    }

    long forces() {
        return forces.get();
    }

    long bytes() {
        return bytes.get();
    }

    void close() throws IOException {
        if (segment != null) {
            segment.close();
        }
    }
}
