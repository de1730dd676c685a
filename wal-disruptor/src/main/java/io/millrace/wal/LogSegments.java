package io.millrace.wal;

import io.millrace.error.LogPositionGoneException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * The segments of a log, wherever they are: those of the store, and of those it has let go the copies in the archive, if there is one. Engine
 * threads only, one at a time.
 */
final class LogSegments {
    /** No segment has this number. */
    static final long NONE = 0;

    private final StorageDirectory directory;
    private final LogIndex index;
    private final ArchivedSegments archive;

    /** The segments that {@code index} knows. */
    LogSegments(StorageDirectory directory, LogIndex index) {
        this(directory, index, null);
    }

    /** The same, and behind them those of {@code archive}, which may be null. */
    LogSegments(StorageDirectory directory, LogIndex index, ArchivedSegments archive) {
        this.directory = directory;
        this.index = index;
        this.archive = archive;
    }

    /** First LSN of the oldest segment of the store's own, 0 if there is none. */
    long oldestLsn() {
        return index.oldestLsn();
    }

    /** Number of the store's own segment that holds {@code lsn}, or would; {@link #NONE} if it has let it go. */
    long ownOf(long lsn) {
        LogIndex.Entry entry = index.segmentOf(lsn);
        return entry == null ? NONE : entry.number();
    }

    /** First LSN of the store's own segment that holds {@code lsn}. */
    long firstLsnOf(long lsn) {
        LogIndex.Entry entry = index.segmentOf(lsn);
        if (entry == null) {
            throw new LogPositionGoneException(lsn, oldestLsn());
        }
        return entry.firstLsn();
    }

    /** The same for the archive. */
    long archivedOf(long lsn) throws IOException {
        return archive == null ? NONE : archive.segmentOf(lsn);
    }

    /** A block that begins at or before {@code lsn}, the nearest that is known; null if the log does not reach back there. */
    LogPosition positionOf(long lsn) throws IOException {
        LogPosition known = index.positionOf(lsn);
        if (known != null) {
            return known;
        }
        long archived = archivedOf(lsn);
        return archived == NONE
                ? null
                : new LogPosition(archived, SegmentLayout.FIRST_BLOCK, archive.firstLsn(archived));
    }

    /** A reader has found that a block begins there. */
    void learn(long number, long firstLsn, long position) {
        index.learn(number, firstLsn, position);
    }

    /** Opens a segment for reading. @throws NoSuchFileException if nobody has it any more */
    StorageFile open(long number) throws IOException {
        try {
            return directory.open(SegmentLayout.fileName(number), OpenMode.READ);
        } catch (NoSuchFileException gone) {
            if (archive == null) {
                throw gone;
            }
            return archive.open(number);
        }
    }

    /** Where the store's own are, for messages. */
    String directory() {
        return directory.path(SegmentLayout.DIRECTORY);
    }

    String path(long number) {
        return directory.path(SegmentLayout.fileName(number));
    }
}
