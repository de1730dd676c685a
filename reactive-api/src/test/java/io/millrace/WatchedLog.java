package io.millrace;

import io.millrace.testkit.IoKind;
import io.millrace.wal.BlockLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * How far the log of a simulated store has been forced, told from nothing but the calls on its disk: holds from one life to the next, and while
 * the store opens, when nobody can ask the engine yet.
 */
final class WatchedLog {
    private static final String SUFFIX = ".log";

    private final boolean writesThrough;
    private final Map<String, Long> written = new HashMap<>();
    private long forcedLsn;

    /** Of a store whose writes to the log are forced by themselves, or not. */
    WatchedLog(boolean writesThrough) {
        this.writesThrough = writesThrough;
    }

    /** A call that is about to be made. */
    void observe(IoKind kind, String name, ByteBuffer bytes) {
        if (!name.endsWith(SUFFIX)) {
            return;
        }
        if (kind == IoKind.WRITE && bytes.remaining() >= BlockLayout.HEADER_LENGTH) {
            write(name, bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        } else if (kind == IoKind.FORCE) {
            forced(written.getOrDefault(name, 0L));
        }
    }

    private void write(String name, ByteBuffer bytes) {
        int at = bytes.position();
        if (bytes.getInt(at + BlockLayout.MAGIC) == BlockLayout.MAGIC_VALUE) {
            long lastLsn = bytes.getLong(at + BlockLayout.LAST_LSN);
            written.merge(name, lastLsn, Math::max);
            if (writesThrough) {
                forced(lastLsn);
            }
        }
    }

    private void forced(long lsn) {
        forcedLsn = Math.max(forcedLsn, lsn);
    }

    /** What has not been forced may be gone, and its LSNs may be given again. */
    void lifeEnds() {
        written.clear();
    }

    long forcedLsn() {
        return forcedLsn;
    }
}
