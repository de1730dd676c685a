package io.millrace.wal;

import io.millrace.storage.StorageDirectory;

/**
 * How much log is kept, and where else.
 *
 * @param maxBytes bytes all segments together may have; 0 for as many as are needed
 * @param retainBytes bytes that are kept though nobody needs them
 * @param archive where sealed segments are copied to, null for nowhere; not closed by the log
 */
public record LogKeeping(long maxBytes, long retainBytes, StorageDirectory archive) {
    /** What is needed, and nothing else. */
    public static final LogKeeping NEEDED = new LogKeeping(0, 0, null);
}
