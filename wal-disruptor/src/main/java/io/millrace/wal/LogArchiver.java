package io.millrace.wal;

import io.millrace.common.EngineThreads;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies sealed segments to the archive, oldest first, on a thread of its own: written under a name that does not count, forced, renamed, the directory
 * forced. So a segment is in the archive whole or not at all, and what a crash interrupted is begun anew. It holds the log until the copy is
 * there; a failure holds it longer and is tried again, up to the size the log may have.
 */
final class LogArchiver {
    private static final System.Logger LOG = System.getLogger(LogArchiver.class.getName());
    private static final long LOOK_NANOS = 100_000_000;
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final int COPY_BYTES = 1 << 20;
    private static final String PART = ".part";

    private final StorageDirectory source;
    private final StorageDirectory archive;
    private final LogIndex index;
    private final LogHold hold;
    private final EngineThreads threads;
    private final AtomicLong archived = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile Thread thread;
    private volatile boolean closed;
    private long lastNumber;

    /** Goes on where the archive ends; nothing is copied before {@link #start}. */
    LogArchiver(
            StorageDirectory source,
            StorageDirectory archive,
            LogIndex index,
            LogRetention retention,
            long nextLsn,
            EngineThreads threads)
            throws IOException {
        this.source = source;
        this.archive = archive;
        this.index = index;
        this.threads = threads;
        for (String name : archive.list("")) {
            lastNumber = Math.max(lastNumber, SegmentLayout.numberOf(SegmentLayout.DIRECTORY + "/" + name));
        }
        hold = retention.hold("archive", firstNeeded(nextLsn), 0);
    }

    void start() {
        thread = threads.start("archive", this::run);
    }

    private long firstNeeded(long nextLsn) {
        for (LogIndex.Entry segment : index.segments()) {
            if (segment.number() > lastNumber) {
                return segment.firstLsn();
            }
        }
        return nextLsn;
    }

    private void run() {
        while (!closed) {
            long pause = LOOK_NANOS;
            try {
                archiveSealed();
            } catch (Throwable failure) {
                if (failures.incrementAndGet() == 1) {
                    LOG.log(System.Logger.Level.WARNING, "the log can't be archived; it is kept until it can", failure);
                }
                pause = RETRY_NANOS;
            }
            if (!closed) {
                threads.park(this, pause);
            }
        }
    }

    private void archiveSealed() throws IOException {
        for (LogIndex.Entry segment = nextSealed(); segment != null && !closed; segment = nextSealed()) {
            copy(segment.number());
            lastNumber = segment.number();
            archived.incrementAndGet();
            hold.advance(index.segmentAfter(lastNumber).firstLsn());
        }
    }

    /** The oldest segment that is not in the archive and will not be written any more; null if there is none. */
    private LogIndex.Entry nextSealed() {
        LogIndex.Entry next = index.segmentAfter(lastNumber);
        return next == null || index.segmentAfter(next.number()) == null ? null : next;
    }

    private void copy(long number) throws IOException {
        String name = SegmentLayout.fileName(number);
        String target = name.substring(SegmentLayout.DIRECTORY.length() + 1);
        archive.delete(target + PART);
        try (StorageFile from = source.open(name, OpenMode.READ);
                StorageFile to = archive.open(target + PART, OpenMode.CREATE)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(COPY_BYTES);
            long at = 0;
            for (int read = from.read(at, buffer.clear()); read > 0; read = from.read(at, buffer.clear())) {
                to.write(at, buffer.flip());
                at += read;
            }
            to.force(true);
        }
        archive.rename(target + PART, target);
        archive.force();
    }

    /** Segments copied since the log was opened. */
    long archived() {
        return archived.get();
    }

    /** Attempts that failed. */
    long failures() {
        return failures.get();
    }

    /** Ends the thread; the rest is archived by the next run. */
    void close() {
        closed = true;
        threads.unpark(thread);
        threads.join(thread);
    }
}
