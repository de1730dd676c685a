package io.millrace.recovery;

import java.nio.ByteBuffer;

/**
 * Some windows of the log, and by reference what stands in them: for each worker the changes of the pages it owns. Filled by the reader, then read by
 * all workers, handed over by {@link RedoGroups}.
 */
final class RedoGroup {
    private final ByteBuffer[] windows;
    private final RedoBatch[] batches;
    private int used;

    RedoGroup(ByteBuffer[] windows, int workers) {
        this.windows = windows;
        batches = new RedoBatch[workers];
        for (int i = 0; i < workers; i++) {
            batches[i] = new RedoBatch();
        }
    }

    void clear() {
        used = 0;
        for (RedoBatch batch : batches) {
            batch.clear();
        }
    }

    boolean hasWindow() {
        return used < windows.length;
    }

    /** Memory for the next piece of log; there is some. */
    ByteBuffer nextWindow() {
        return windows[used++];
    }

    /** The changes for this worker. */
    RedoBatch batch(int worker) {
        return batches[worker];
    }

    void free() {
        for (RedoBatch batch : batches) {
            batch.free();
        }
    }
}
