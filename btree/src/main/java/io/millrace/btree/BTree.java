package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.ReadView;
import io.millrace.txn.RecordListener;
import io.millrace.txn.Step;
import io.millrace.txn.Transaction;
import io.millrace.txn.VersionStore.Found;
import io.millrace.txn.Workspace;

/**
 * Ordered trees of variable-length keys and values, all trees of a store. Operations are restartable functions on a {@link Workspace}'s
 * operands: anything but DONE means that nothing is held and nothing has been changed that matters; the caller waits for what the step
 * names and runs the operation again. Any thread; each workspace is used by one at a time. Reads of resident pages and writes to them allocate
 * nothing on the heap.
 *
 * <p>A tree has a root page, whose number only a compaction changes. Pages know their range by fence keys and no sibling; whoever comes to a page's end descends anew.
 */
public final class BTree {
    /** Length of a reference to a long value. */
    public static final int LONG_REFERENCE_BYTES = LongValueLayout.REFERENCE_BYTES;

    private static final int MIN_HINTS = 1 << 12;
    private static final int MAX_HINTS = 1 << 18;
    /** Leaves may have to be remembered for as long as a snapshot needs their ghosts, in the pool or not. */
    private static final int HINTS_PER_FRAME = 4;

    private final Engine engine;
    private final BufferPool pool;
    private final int pageSize;
    private final Restructuring restructuring;
    private final LeafWriter writer;
    private final TreeScan scan;
    private final RangeEstimate estimate;
    private final PageHints hints;

    /** The trees of a store. */
    public BTree(Engine engine) {
        this.engine = engine;
        pool = engine.pool();
        pageSize = pool.pageSize();
        restructuring = new Restructuring(engine);
        hints = new PageHints(hintSlots(pool.frameCount()));
        writer = new LeafWriter(engine, restructuring, hints);
        scan = new TreeScan(engine, hints);
        estimate = new RangeEstimate(pool);
    }

    /**
     * Looks up the workspace's key. With DONE:
     *
     * <ul>
     *   <li>{@code found}, {@code resultLength} and the bytes at {@code resultAddress}: the live version that the view sees, or, with {@code
     *       resultIsLong}, its reference for {@link #longValueReader};
     *   <li>{@code resultStamp}: the stamp of that version or of the ghost the view sees, 0 if it sees no version at all;
     *   <li>{@code awaitLsn}: what must be durable before the answer may be given to a user: the version's commit LSN; for a missing entry the
     *       page LSN of its leaf; 0 for an own write or a commit long past. A view at a durable LSN need not wait at all.
     * </ul>
     *
     * @return DONE, CONTENDED, PAGE_MISS, VERSION_IN_LOG, or SNAPSHOT_TOO_OLD: an unregistered view then takes a newer LSN, for a registered one it is final
     */
    public Step get(Workspace workspace, TreeRef tree, ReadView view) {
        workspace.found = false;
        workspace.resultLength = 0;
        workspace.resultIsLong = false;
        workspace.resultStamp = 0;
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = scratch.descent.to(pool, workspace, tree, Descent.Target.KEY);
        if (step != Step.DONE) {
            return step;
        }
        scratch.look(pool, workspace);
        boolean present = true;
        boolean logged = false;
        if (scratch.exists && view.sees(scratch.stamp)) {
            workspace.resultStamp = scratch.stamp;
            if (!scratch.ghost) {
                workspace.found = true;
                workspace.resultLength = scratch.valueLength;
                workspace.resultIsLong = scratch.isLong;
                Memory.copy(scratch.value, workspace.resultAddress, scratch.valueLength);
            }
        } else if (scratch.exists) {
            Found older = engine.versions().find(tree.treeId(), workspace, view);
            present = older != Found.GONE;
            logged = older == Found.LOGGED;
            workspace.found = older == Found.VALUE;
        }
        // Asked after the look and before the validation: what was purged before the look raised its limit before.
        boolean readable = present
                && (workspace.found && !view.registered() || engine.versions().readable(view));
        workspace.awaitLsn = workspace.resultStamp == 0
                ? PageLayout.pageLsn(scratch.page)
                : Stamping.restsOn(engine.transactions(), workspace.resultStamp);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (logged) {
            return Step.VERSION_IN_LOG;
        }
        return readable ? Step.DONE : Step.SNAPSHOT_TOO_OLD;
    }

    /**
     * Writes the workspace's key if the mode's condition holds. Without a transaction the write is one of its own on the newest committed
     * version, durable or not (D5); the listener is told when it is durable. In a transaction the condition is judged on what its
     * snapshot and its own writes show, and the first committer wins. With DONE:
     *
     * <ul>
     *   <li>{@code writtenLsn}: the LSN of the record, 0 if the condition did not hold and nothing was written;
     *   <li>{@code found}: whether a live entry was there before; {@code resultStamp}: the stamp of the version judged, 0 if there was none;
     *   <li>{@code awaitLsn}, if nothing was written: what must be durable before that answer may be given, as with {@link #get}.
     * </ul>
     *
     * @param transaction whose write it is, null for none
     * @param listener told when the record is durable; may be null
     * @return DONE; LOCKED by {@code lockedBy}; CONFLICT with the commit at {@code awaitLsn}; SNAPSHOT_TOO_OLD; or something to wait for:
     *     CONTENDED (also after the tree has been restructured to make room), PAGE_MISS, LOG_FULL, NO_FREE_FRAME, NO_FREE_PAGE,
     *     VERSIONS_FULL, VERSION_IN_LOG; or, for the caller to do, WRITE_LONG and COMPARE_LONG
     */
    public Step write(
            Workspace workspace, TreeRef tree, WriteMode mode, Transaction transaction, RecordListener listener) {
        return writer.write(workspace, tree, mode, transaction, listener);
    }

    /**
     * Goes on with a scan by one leaf at most: delivers what the view sees there, at most {@code maxEntries}, and moves the cursor on; DONE may
     * come without any entry. The view must be registered. What was delivered before another answer than DONE stays delivered, the
     * cursor stands behind it. Uses the workspace's key, expected and result memory, not its value operand.
     *
     * @param sink takes the entries; null to count them only, see {@link ScanCursor#entries}
     * @return DONE, CONTENDED, PAGE_MISS, VERSION_IN_LOG or SNAPSHOT_TOO_OLD
     */
    public Step scan(
            Workspace workspace, TreeRef tree, ScanCursor cursor, ReadView view, EntrySink sink, int maxEntries) {
        return scan.scan(workspace, tree, cursor, view, sink, maxEntries);
    }

    /**
     * Whether the workspace's key still has the version that the view sees, or none: asked before a commit about what was read.
     *
     * @return DONE; CONFLICT with the transaction that has written it since, {@code awaitLsn} its commit LSN, 0 if it still runs; CONTENDED,
     *     PAGE_MISS or SNAPSHOT_TOO_OLD
     */
    public Step verify(Workspace workspace, TreeRef tree, ReadView view) {
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = scratch.descent.to(pool, workspace, tree, Descent.Target.KEY);
        if (step != Step.DONE) {
            return step;
        }
        scratch.look(pool, workspace);
        boolean changed = scratch.exists && !view.sees(scratch.stamp);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (changed) {
            workspace.awaitLsn = Stamping.restsOn(engine.transactions(), scratch.stamp);
            return Step.CONFLICT;
        }
        return engine.versions().readable(view) ? Step.DONE : Step.SNAPSHOT_TOO_OLD;
    }

    /**
     * The same for every key of the cursor's range, new ones included: goes on by one leaf at most and moves the cursor on, which goes forward.
     * With CONFLICT the key is the workspace's key.
     */
    public Step verify(Workspace workspace, TreeRef tree, ReadView view, ScanCursor cursor) {
        return scan.verify(workspace, tree, view, cursor);
    }

    /**
     * Estimates how many live entries there are in the range of a forward cursor that has not moved. Reads the inner pages on the ways to both
     * ends and the two leaves there, nothing in between. With DONE {@code resultCount}: exact if the range lies in one leaf or two neighbours;
     * otherwise at each level above off by the factor by which the pages in between are fuller or emptier than those at the ends.
     *
     * @return DONE, CONTENDED or PAGE_MISS
     */
    public Step estimate(Workspace workspace, TreeRef tree, ScanCursor range) {
        return estimate.estimate(workspace, tree, range);
    }

    private static int hintSlots(int frames) {
        return Integer.highestOneBit((int) Math.max(MIN_HINTS, Math.min(MAX_HINTS, (long) HINTS_PER_FRAME * frames)));
    }

    /**
     * What writes a long value into pages of its own, once a write has answered WRITE_LONG; then the write runs again with its {@linkplain
     * LongValueWriter#operand operand}, which links them. Pages that are not linked go to {@link Reclaimer#unlinked}.
     *
     * @param value holds {@code length} bytes, which must not change any more
     */
    public LongValueWriter longValueWriter(byte[] value, int length) {
        return new LongValueWriter(engine, value, length);
    }

    LongValueReader longValueReader(long head, long headLsn, int length) {
        return new LongValueReader(pool, head, headLsn, length);
    }

    /** What reads the long value whose reference stands at this address. */
    public LongValueReader longValueReader(long reference) {
        return new LongValueReader(pool, reference);
    }

    /** Length of the long value whose reference stands at this address. */
    public static int longValueLength(long reference) {
        return LongValueLayout.length(reference);
    }

    /**
     * Makes a long value of {@code length} bytes the expected one of a write that answers COMPARE_LONG where it finds a value of this length.
     * When the caller has compared that one, he gives its reference and what came out, and runs the write again.
     *
     * @param compared reference of the value compared; 0 for none
     */
    public static void expectLong(Workspace workspace, int length, long compared, boolean equal) {
        long reference = workspace.expectedBuffer;
        if (compared == 0) {
            LongValueLayout.writeReference(reference, 0, 0, length);
        } else {
            Memory.copy(compared, reference, LongValueLayout.REFERENCE_BYTES);
        }
        workspace.expectedAddress = reference;
        workspace.expectedLength = LongValueLayout.REFERENCE_BYTES;
        workspace.expectedIsLong = true;
        workspace.expectedHolds = equal;
    }

    Engine engine() {
        return engine;
    }

    int pageSize() {
        return pageSize;
    }

    Restructuring restructuring() {
        return restructuring;
    }

    /** Leaves that may have something to be tidied up. */
    PageHints hints() {
        return hints;
    }

    LeafWriter writer() {
        return writer;
    }
}
