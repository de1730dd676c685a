package io.millrace.txn;

import io.millrace.common.Memory;
import io.millrace.wal.RecordWriter;
import io.millrace.wal.Share;
import io.millrace.wal.Wal;

/**
 * Scratch memory of one running step of one operation: its operands, its result, the record it builds, and what it has to wait for. Taken
 * from the {@link WorkspacePool} for the time of a step, never kept across a wait. One thread at a time.
 */
public final class Workspace {
    private static final int BUFFERS = 6;

    /** Operand: the key; its bytes may lie in {@link #keyBuffer} or elsewhere. */
    public long keyAddress;

    /** Length of the key in bytes. */
    public int keyLength;

    /** Operand: the new value. */
    public long valueAddress;

    /** Length of the new value in bytes. */
    public int valueLength;

    /** Whether the value operand is the reference of a long value. */
    public boolean valueIsLong;

    /** Operand of compare-and-set: the value that is expected. */
    public long expectedAddress;

    /** Length of the expected value in bytes. */
    public int expectedLength;

    /**
     * Whether the expected value is a long one. Then the operand is the reference of the one it was compared with, or of none, and the
     * length it must have.
     */
    public boolean expectedIsLong;

    /** Whether the long value of that reference is the expected one; set anew for each attempt, not kept across a wait. */
    public boolean expectedHolds;

    /** Operand of compare-and-set by stamp; set anew for each attempt, not kept across a wait. */
    public long expectedStamp;

    /** Result: whether a (visible, live) entry was found, or was there before the write. */
    public boolean found;

    /** Result: length of the value copied to {@link #resultAddress}. */
    public int resultLength;

    /** Result: whether what stands at {@link #resultAddress} is the reference of a long value. */
    public boolean resultIsLong;

    /** Result: stamp of the version found, or of the ghost found; 0 if there is no entry at all. */
    public long resultStamp;

    /** Result: a number of entries. */
    public long resultCount;

    /** Result: the LSN of the record written, 0 if none was. */
    public long writtenLsn;

    /** With PAGE_MISS: the page that is not in memory. */
    public long missedPage;

    /** With LOCKED: the transaction that holds the lock. */
    public long lockedBy;

    /** With AWAIT_DURABLE and CONFLICT: the LSN to wait for. With DONE after a read: the LSN that the answer rests on. */
    public long awaitLsn;

    /** With LOG_FULL: length of the record that found no room. */
    public int neededBytes;

    /** With LOG_FULL: log bytes to reserve for its undoing. */
    public long neededUndoBytes;

    /** With LOG_FULL: whose share it comes from. */
    public Share neededShare;

    /** With NO_VALUE_MEMORY: the part of the budget that has been asked for. */
    public ValueMemory.Share neededMemory;

    /** With VERSION_IN_LOG: what to read. */
    LogRequest logRequest;

    /** What was read back from the log for this operation, null if nothing was. */
    LogAnswer logAnswer;

    /** Of a rollback's step: the LSN of the change that it undoes. */
    public long undoneLsn;

    /** Pages found in memory; summed up for the statistics. */
    public long pageHits;

    /** Where {@link #found} results are copied; as large as a page. */
    public final long resultAddress;

    /** Own memory for a key. */
    public final long keyBuffer;

    /** Own memory for a value. */
    public final long valueBuffer;

    /** Own memory for an expected value. */
    public final long expectedBuffer;

    /** A page of memory for planning structure changes. */
    public final long pageBuffer;

    /** A second page of memory for planning structure changes. */
    public final long secondPageBuffer;

    /** The mini-transaction being built. */
    public final MiniTransaction miniTransaction;

    /** What the owner of the trees keeps with this workspace: plans and cursors, made once. */
    public Object treeScratch;

    /** Where codecs write before their bytes are measured. */
    public final EncodingBuffer encoding = new EncodingBuffer();

    /** A view for reads that need no registered snapshot. */
    public final ReadView view;

    /** Its place in the pool. */
    final int index;

    /** Credits granted after a wait, for the first record of this step. */
    AdmissionGrant grant;

    private final int keyCapacity;
    private final int valueCapacity;

    Workspace(Engine engine, RecordHandlers handlers, int index) {
        this.index = index;
        int pageSize = engine.pool().pageSize();
        keyCapacity = pageSize;
        valueCapacity = pageSize;
        long memory = Memory.allocateOwned(this, memoryBytes(pageSize));
        resultAddress = memory;
        keyBuffer = memory + pageSize;
        valueBuffer = memory + 2L * pageSize;
        expectedBuffer = memory + 3L * pageSize;
        pageBuffer = memory + 4L * pageSize;
        secondPageBuffer = memory + 5L * pageSize;
        view = new ReadView(engine.transactions());
        miniTransaction = new MiniTransaction(engine, handlers, new RecordWriter(MiniTransaction.capacity(pageSize)));
        clear();
    }

    static long memoryBytes(int pageSize) {
        return (long) BUFFERS * pageSize;
    }

    /** Makes {@code length} bytes of {@code source} the key operand, in own memory. */
    public void key(byte[] source, int offset, int length) {
        Memory.copyFromArray(source, offset, keyBuffer, length);
        keyAddress = keyBuffer;
        keyLength = length;
    }

    /** Makes {@code length} bytes of {@code source} the value operand, in own memory. */
    public void value(byte[] source, int offset, int length) {
        Memory.copyFromArray(source, offset, valueBuffer, length);
        valueAddress = valueBuffer;
        valueLength = length;
        valueIsLong = false;
    }

    /** Makes {@code length} bytes of {@code source} the expected value, in own memory. */
    public void expected(byte[] source, int offset, int length) {
        Memory.copyFromArray(source, offset, expectedBuffer, length);
        expectedAddress = expectedBuffer;
        expectedLength = length;
        expectedIsLong = false;
    }

    /** Makes these bytes the result. */
    public void result(byte[] bytes) {
        Memory.copyFromArray(bytes, 0, resultAddress, bytes.length);
        resultLength = bytes.length;
    }

    /** Uses the grant if it covers the record; what it covers beyond that goes back. */
    boolean useGrant(Wal wal, int recordBytes, long undoBytes) {
        if (grant == null || grant.recordBytes() < recordBytes || grant.undoBytes() < undoBytes) {
            return false;
        }
        wal.shrink(grant.recordBytes(), grant.undoBytes(), recordBytes, undoBytes);
        grant = null;
        return true;
    }

    /** Gives back a grant that was not used. */
    void dropGrant(Wal wal) {
        if (grant != null) {
            wal.giveBack(grant.recordBytes(), grant.undoBytes());
            grant = null;
        }
    }

    /** Forgets operands and results; the buffers' contents stay. */
    void clear() {
        encoding.trim();
        keyAddress = keyBuffer;
        valueAddress = valueBuffer;
        expectedAddress = expectedBuffer;
        keyLength = 0;
        valueLength = 0;
        expectedLength = 0;
        valueIsLong = false;
        expectedIsLong = false;
        expectedHolds = false;
        expectedStamp = 0;
        found = false;
        resultLength = 0;
        resultIsLong = false;
        resultStamp = 0;
        writtenLsn = 0;
        missedPage = 0;
        lockedBy = 0;
        awaitLsn = 0;
        neededShare = null;
        neededMemory = null;
        logRequest = null;
        logAnswer = null;
        undoneLsn = 0;
        pageHits = 0;
    }

    /** Most bytes {@link #keyBuffer} takes. */
    public int keyCapacity() {
        return keyCapacity;
    }

    /** Most bytes {@link #valueBuffer} and {@link #expectedBuffer} take. */
    public int valueCapacity() {
        return valueCapacity;
    }
}
