package io.millrace.txn;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.wal.CommitWaiter;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordLayout;
import io.millrace.wal.RecordWriter;
import io.millrace.wal.Share;
import io.millrace.wal.Wal;
import java.util.function.LongConsumer;

/**
 * Everything that must change together: one log record, one LSN (L3; InnoDB's mini-transaction). The order of use:
 *
 * <pre>
 * begin...            which transaction it belongs to, if any
 * change, changeNew   planned from optimistic reads; each remembers the stamp its plan rests on
 * admit               all credits at once; nothing latched yet (L13)
 * latch               upgrades every page from its stamp: that succeeds only if nothing has changed since the plan
 * commit              claim = LSN, copy to the ring, apply, stamp the pages, publish, unlatch
 * </pre>
 *
 * <p>A failed {@code admit} or {@code latch} has given everything back; the operation starts anew. Applying is the same code as redo, see
 * {@link RecordHandler}. Belongs to one {@link Workspace}, one thread at a time.
 *
 * <pre>
 * record body:  u64 transaction id | u64 previous LSN of the transaction (of a compensation: next to undo)      if TRANSACTIONAL
 *               per change: stop-bit page id | u64 previous page LSN | u8 operation | stop-bit length | body
 * </pre>
 */
public final class MiniTransaction implements ChangeWriter {
    /** Most pages one mini-transaction may change. */
    public static final int MAX_PAGES = 16;

    /** Most changes in one mini-transaction. */
    public static final int MAX_CHANGES = 32;

    private static final int OVERHEAD = 4096;
    // A compensation record is hardly longer than the change it undoes, but may stand alone in a block.
    private static final int UNDO_OVERHEAD = 48;

    private final BufferPool pool;
    private final Wal wal;
    private final VersionStore versions;
    private final PageAllocator allocator;
    private final RecordHandlers handlers;
    private final RecordWriter writer;

    private final int[] pageFrame = new int[MAX_PAGES];
    private final long[] pageStamp = new long[MAX_PAGES];
    private final boolean[] pageLatched = new boolean[MAX_PAGES];
    private final int[] changePage = new int[MAX_CHANGES];
    private final int[] changeOperation = new int[MAX_CHANGES];
    private final int[] changeLsnPosition = new int[MAX_CHANGES];
    private final int[] changeBody = new int[MAX_CHANGES];
    private final int[] changeLength = new int[MAX_CHANGES];
    private final long[] freedPages = new long[MAX_CHANGES];
    private int pages;
    private int changes;
    private int freed;
    private RecordKind kind;
    private int flags;
    private Share share;
    private Transaction transaction;
    private LongConsumer claimed;
    private long version;
    private StubTable stubs;
    private long stubHash;
    private long undoneStub;
    private long undoNext;
    private long undoReserve;
    private boolean admitted;
    private boolean stale;

    MiniTransaction(Engine engine, RecordHandlers handlers, RecordWriter writer) {
        this.pool = engine.pool();
        this.wal = engine.wal();
        this.versions = engine.versions();
        this.allocator = engine.pages();
        this.handlers = handlers;
        this.writer = writer;
    }

    /**
     * Largest record of a store with this page size, in bytes: a root split logs the content of a page once and the separator, an eighth of a
     * page at most, three times.
     */
    public static int capacity(int pageSize) {
        return pageSize + pageSize / 2 + OVERHEAD;
    }

    /**
     * A structure change: redo only, belongs to no transaction, is never undone (L5).
     *
     * @param forUndo whether rollback or restart needs it, and so admits it from their own share (L13)
     */
    public void beginStructure(boolean forUndo) {
        begin(RecordKind.MINI_TRANSACTION, 0, forUndo ? Share.COMMIT : Share.NORMAL, null);
    }

    /** A transaction of one operation: the record is operation and commit in one (D5). */
    public void beginSingle() {
        begin(RecordKind.MINI_TRANSACTION, RecordLayout.FLAG_COMMITS, Share.NORMAL, null);
    }

    /** A change of {@code owner}, which its rollback will undo. */
    public void beginUndoable(Transaction owner) {
        begin(
                RecordKind.MINI_TRANSACTION,
                RecordLayout.FLAG_TRANSACTIONAL | RecordLayout.FLAG_UNDOABLE,
                Share.NORMAL,
                owner);
        owner.prepareRecord();
        writer.putLong(owner.id()).putLong(owner.lastLsn());
    }

    /** Undoes one change of {@code owner}; {@code nextToUndo} is the LSN of the change to undo after it, 0 for none (a CLR of ARIES). */
    public void beginCompensation(Transaction owner, long nextToUndo) {
        begin(RecordKind.COMPENSATION, RecordLayout.FLAG_TRANSACTIONAL, Share.COMMIT, owner);
        undoNext = nextToUndo;
        writer.putLong(owner.id()).putLong(undoNext);
    }

    private void begin(RecordKind recordKind, int recordFlags, Share admissionShare, Transaction owner) {
        pages = 0;
        changes = 0;
        freed = 0;
        version = 0;
        stubs = null;
        undoneStub = 0;
        undoReserve = 0;
        stale = false;
        claimed = null;
        kind = recordKind;
        flags = recordFlags;
        share = admissionShare;
        transaction = owner;
        writer.reset();
        writer.putLong(0); // the header, patched by admit
    }

    /**
     * Plans a change of a resident page.
     *
     * @param frame where the page lies
     * @param stamp the optimistic stamp under which the plan was made
     * @param bodyLength exact length of the body the caller writes next
     */
    public ChangeWriter change(int frame, long stamp, int operation, int bodyLength) {
        return addChange(pageIndex(frame, stamp), pool.pageIdOf(frame), operation, bodyLength);
    }

    /** Plans a change of a page whose frame came exclusively latched from {@link BufferPool#tryInstall}. */
    public ChangeWriter changeNew(int frame, int operation, int bodyLength) {
        int page = pageIndex(frame, 0);
        pageLatched[page] = true;
        return addChange(page, pool.pageIdOf(frame), operation, bodyLength);
    }

    /** The version this change overwrites: a node of the version store, pushed under the latch. */
    public void keepVersion(long node) {
        version = node;
    }

    /**
     * The version that this change overwrites is not kept: readers of older snapshots find it through a stub.
     *
     * @throws io.millrace.error.LimitExceededException if there is no room for one
     */
    public void keepStub(long treeId, long key, int keyLength) {
        if (transaction.stubs() == null) {
            transaction.stubs(versions.stubs().open(transaction, wal));
        }
        versions.stubs().makeRoom(transaction.stubs());
        stubs = transaction.stubs();
        stubHash = VersionStubs.hash(treeId, key, keyLength);
    }

    /** This compensation undoes the change with this LSN: the stub that it has left, if any, goes with it. */
    public void takesStubBack(long treeId, long key, int keyLength, long undoneLsn) {
        undoneStub = undoneLsn;
        stubHash = VersionStubs.hash(treeId, key, keyLength);
    }

    /** Told the record's LSN before anybody can see that it is durable: {@code action} only writes it down (L6). */
    public void whenClaimed(LongConsumer action) {
        claimed = action;
    }

    /** The page can be handed out again once this is committed; its bits change with it, see {@link PageAllocator#free}. */
    void frees(long pageId) {
        freedPages[freed++] = pageId;
    }

    private int pageIndex(int frame, long stamp) {
        for (int i = 0; i < pages; i++) {
            if (pageFrame[i] == frame) {
                // Another stamp: the page has changed since, or was evicted and its frame is the one just installed.
                // The plan is void.
                stale |= pageStamp[i] != stamp;
                return i;
            }
        }
        pageFrame[pages] = frame;
        pageStamp[pages] = stamp;
        pageLatched[pages] = false;
        return pages++;
    }

    private ChangeWriter addChange(int page, long pageId, int operation, int bodyLength) {
        writer.putStopBit(pageId);
        changePage[changes] = page;
        changeOperation[changes] = operation;
        changeLsnPosition[changes] = writer.position();
        writer.putLong(0).putByte(operation).putStopBit(bodyLength);
        changeBody[changes] = writer.position();
        changeLength[changes] = bodyLength;
        changes++;
        return this;
    }

    /**
     * Takes all credits the record needs, or none: LOG_FULL with the length in {@code workspace}; CONTENDED if the plan contradicts itself.
     * Fresh pages are given back then.
     */
    public Step admit(Workspace workspace) {
        if (stale) {
            abandon();
            return Step.CONTENDED;
        }
        int length = writer.position();
        writer.patchInt(RecordLayout.LENGTH, length);
        writer.patchByte(RecordLayout.KIND, kind.code());
        writer.patchByte(RecordLayout.FLAGS, flags);
        writer.patchShort(RecordLayout.CHANGE_COUNT, changes);
        undoReserve = (flags & RecordLayout.FLAG_UNDOABLE) == 0 ? 0 : wal.undoCharge(length + UNDO_OVERHEAD);
        if (!workspace.useGrant(wal, length, undoReserve) && !admitAnew(workspace, length)) {
            workspace.neededBytes = length;
            workspace.neededUndoBytes = undoReserve;
            workspace.neededShare = share;
            abandon();
            return Step.LOG_FULL;
        }
        admitted = true;
        return Step.DONE;
    }

    private boolean admitAnew(Workspace workspace, int length) {
        // A grant that does not fit goes back before anything else is asked for.
        workspace.dropGrant(wal);
        return wal.tryAdmit(length, undoReserve, share);
    }

    /** Latches every planned page exclusively, each from the stamp its plan rests on; CONTENDED gives everything back. */
    public Step latch() {
        for (int i = 0; i < pages; i++) {
            if (!pageLatched[i]) {
                if (!pool.tryExclusive(pageFrame[i], pageStamp[i])) {
                    abandon();
                    return Step.CONTENDED;
                }
                pageLatched[i] = true;
            }
        }
        return Step.DONE;
    }

    /**
     * Claims the LSN, applies every change, publishes and unlatches. Never waits.
     *
     * @param waiter told when the record is durable; may be null
     * @return the record's LSN
     */
    public long commit(CommitWaiter waiter) {
        int length = writer.position();
        long lsn = wal.claim(length);
        admitted = false;
        try {
            apply(lsn, length, waiter);
            wal.publish(lsn, length);
        } catch (Throwable failure) {
            // Half-applied pages stay latched for ever: readers are told that the store is poisoned (L6).
            wal.publishVoid(lsn, length, failure);
            throw failure;
        }
        for (int i = 0; i < pages; i++) {
            pageLatched[i] = false;
            pool.releaseExclusive(pageFrame[i]);
        }
        for (int i = 0; i < freed; i++) {
            allocator.freed(freedPages[i]);
        }
        wal.wake(waiter != null);
        return lsn;
    }

    private void apply(long lsn, int length, CommitWaiter waiter) {
        for (int i = 0; i < changes; i++) {
            writer.patchLong(changeLsnPosition[i], PageLayout.pageLsn(pool.address(pageFrame[changePage[i]])));
        }
        wal.copy(lsn, length, writer.address());
        if (waiter != null) {
            wal.waiter(lsn, waiter);
        }
        if (claimed != null) {
            claimed.accept(lsn);
        }
        long stamp = stampOf(lsn);
        if (version != 0) {
            versions.push(version, stamp, lsn);
        }
        if (stubs != null) {
            stubs.add(stubHash, lsn);
        }
        if (kind == RecordKind.COMPENSATION) {
            transaction.compensated(lsn, undoNext);
            if (undoneStub != 0 && transaction.stubs() != null) {
                transaction.stubs().remove(stubHash, undoneStub);
            }
        } else if (transaction != null) {
            transaction.changed(lsn, version, VersionStore.bytes(version), undoReserve);
        }
        long record = writer.address();
        for (int i = 0; i < changes; i++) {
            int operation = changeOperation[i];
            handlers.of(operation)
                    .redo(
                            operation,
                            pool.address(pageFrame[changePage[i]]),
                            pool.pageSize(),
                            stamp,
                            record + changeBody[i],
                            changeLength[i]);
        }
        for (int i = 0; i < pages; i++) {
            long page = pool.address(pageFrame[i]);
            PageLayout.pageId(page, pool.pageIdOf(pageFrame[i]));
            PageLayout.pageLsn(page, lsn);
            pool.markDirty(pageFrame[i], lsn);
        }
    }

    private long stampOf(long lsn) {
        return transaction == null ? lsn : transaction.id();
    }

    /** Gives back credits, latches and fresh frames; a version node not pushed yet is freed. */
    public void abandon() {
        if (admitted) {
            wal.giveBack(writer.position(), undoReserve);
            admitted = false;
        }
        for (int i = 0; i < pages; i++) {
            if (pageLatched[i]) {
                pageLatched[i] = false;
                if (pageStamp[i] == 0) {
                    pool.discard(pageFrame[i]);
                } else {
                    pool.releaseUnchanged(pageFrame[i]);
                }
            }
        }
        pages = 0;
        if (version != 0) {
            versions.free(version);
            version = 0;
        }
    }

    @Override
    public ChangeWriter putByte(int value) {
        writer.putByte(value);
        return this;
    }

    @Override
    public ChangeWriter putShort(int value) {
        writer.putShort(value);
        return this;
    }

    @Override
    public ChangeWriter putInt(int value) {
        writer.putInt(value);
        return this;
    }

    @Override
    public ChangeWriter putLong(long value) {
        writer.putLong(value);
        return this;
    }

    @Override
    public ChangeWriter putStopBit(long value) {
        writer.putStopBit(value);
        return this;
    }

    @Override
    public ChangeWriter putBytes(long address, int length) {
        writer.putBytes(address, length);
        return this;
    }
}
