package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.error.CorruptLogException;
import io.millrace.error.StoreOverloadedException;
import io.millrace.txn.LoggedRecord;

/**
 * A long value as the log has it: the images of its pages, each of which names the next one and the LSN of its record. So it can be read where the
 * pages have long become others'. One thread.
 */
public final class LoggedLongValue {
    private final long head;
    private final long headLsn;
    private final int length;
    private byte[] bytes;
    private long page;
    private long pageLsn;
    private int read;

    private LoggedLongValue(long reference) {
        head = LongValueLayout.head(reference);
        headLsn = LongValueLayout.headLsn(reference);
        length = LongValueLayout.length(reference);
    }

    /** The long value that the change writes. */
    static LoggedLongValue of(long reference) {
        return new LoggedLongValue(reference);
    }

    /** Its length in bytes. */
    public int length() {
        return length;
    }

    /** A reader of the pages themselves, for as long as they are what they were. */
    public LongValueReader inPages(BTree trees) {
        return trees.longValueReader(head, headLsn, length);
    }

    private static byte[] memory(int length) {
        try {
            return new byte[length];
        } catch (OutOfMemoryError full) {
            throw new StoreOverloadedException("heap for a value of " + length + " bytes");
        }
    }

    /**
     * Reads it from the log; the answer is not copied.
     *
     * @throws io.millrace.error.LogPositionGoneException if the log does not have all of it any more
     * @throws CorruptLogException if what is there is not it
     */
    public byte[] read(RecordSource log) {
        bytes = memory(length);
        page = head;
        pageLsn = headLsn;
        read = 0;
        while (read < bytes.length) {
            int before = read;
            log.read(pageLsn, this::take);
            if (read == before) {
                throw new CorruptLogException(
                        "the log", 0, pageLsn, "it has no image of page " + page + " of a long value");
            }
        }
        return bytes;
    }

    private void take(LoggedRecord record) {
        while (record.nextChange()) {
            if (record.changeOperation() == TreeOperation.LONG_VALUE.code() && record.changePage() == page) {
                long image = record.changeBody();
                int length = Math.min(record.changeLength() - LongValueLayout.IMAGE_HEADER, bytes.length - read);
                Memory.copyToArray(image + LongValueLayout.IMAGE_HEADER, bytes, read, length);
                read += length;
                page = Memory.getLong(image);
                pageLsn = Memory.getLong(image + Long.BYTES);
                return;
            }
        }
    }
}
