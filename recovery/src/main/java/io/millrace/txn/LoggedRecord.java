package io.millrace.txn;

import io.millrace.common.Memory;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordLayout;

/**
 * Reads a record of the log: a flyweight over its bytes, with a cursor over its page changes. The counterpart of {@link MiniTransaction}.
 * One thread at a time.
 */
public final class LoggedRecord {
    private long lsn;
    private long address;
    private int length;
    private int flags;
    private RecordKind kind;
    private long cursor;
    private int changesLeft;
    private long changePage;
    private int changeOperation;
    private long changeBody;
    private int changeLength;

    /** Lays this over a record whose block checksum has been verified. */
    public LoggedRecord wrap(long recordLsn, long recordAddress, int recordLength) {
        lsn = recordLsn;
        address = recordAddress;
        length = recordLength;
        kind = RecordKind.of(Memory.getUnsignedByte(address + RecordLayout.KIND));
        flags = Memory.getUnsignedByte(address + RecordLayout.FLAGS);
        rewind();
        return this;
    }

    /** The record's LSN. */
    public long lsn() {
        return lsn;
    }

    /** Its length in bytes, header included. */
    public int length() {
        return length;
    }

    /** Number of its page changes. */
    public int changes() {
        return changesPages() ? Memory.getUnsignedShort(address + RecordLayout.CHANGE_COUNT) : 0;
    }

    /** What kind of record it is. */
    public RecordKind kind() {
        return kind;
    }

    /** Whether it can be followed by page changes. */
    public boolean changesPages() {
        return kind == RecordKind.MINI_TRANSACTION || kind == RecordKind.COMPENSATION;
    }

    /** Whether it belongs to a transaction that has an end of its own. */
    public boolean transactional() {
        return (flags & RecordLayout.FLAG_TRANSACTIONAL) != 0;
    }

    /** Whether it is operation and commit in one. */
    public boolean commits() {
        return (flags & RecordLayout.FLAG_COMMITS) != 0;
    }

    /** Whether rollback has to undo it. */
    public boolean undoable() {
        return (flags & RecordLayout.FLAG_UNDOABLE) != 0;
    }

    /** The transaction it belongs to, 0 if to none. */
    public long transactionId() {
        return transactional() ? Memory.getLong(address + RecordLayout.HEADER_LENGTH) : 0;
    }

    /** The transaction's record before this one; of a compensation, the one to undo next. 0 for none. */
    public long previousLsn() {
        return transactional() ? Memory.getLong(address + RecordLayout.HEADER_LENGTH + Long.BYTES) : 0;
    }

    /** The stamp that entries written by this record carry. */
    public long stamp() {
        return transactional() ? transactionId() : lsn;
    }

    /** Moves before the first change. */
    public void rewind() {
        cursor = address + RecordLayout.HEADER_LENGTH + (transactional() ? 2 * Long.BYTES : 0);
        changesLeft = changes();
    }

    /** Moves to the next change; false behind the last. */
    public boolean nextChange() {
        if (changesLeft == 0) {
            return false;
        }
        changesLeft--;
        changePage = StopBits.read(cursor);
        cursor += StopBits.length(changePage) + Long.BYTES;
        changeOperation = Memory.getUnsignedByte(cursor);
        long bodyLength = StopBits.read(cursor + 1);
        changeBody = cursor + 1 + StopBits.length(bodyLength);
        cursor = changeBody + bodyLength;
        if (bodyLength < 0 || cursor > address + length) {
            throw new IllegalStateException("record " + lsn + " is shorter than its changes");
        }
        changeLength = (int) bodyLength;
        return true;
    }

    /** The page of the current change. */
    public long changePage() {
        return changePage;
    }

    /** Its operation code. */
    public int changeOperation() {
        return changeOperation;
    }

    /** Address of its body. */
    public long changeBody() {
        return changeBody;
    }

    /** Length of its body. */
    public int changeLength() {
        return changeLength;
    }
}
