package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.LEAF_ENTRY;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.ReadView;
import io.millrace.txn.Stamps;
import io.millrace.txn.Step;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.VersionStore.Found;
import io.millrace.txn.Workspace;

/**
 * Scans one leaf at a time, always on a validated private copy.
 *
 * <p>Which transactions' stamps are visible is decided between copying and validating, so for the moment at which the copy was the leaf.
 * An entry the view does not see is looked up among the older versions after that; this is safe as follows. If its stamp is a commit LSN
 * above the snapshot, the version before it is needed by the registered snapshot and so is not purged. If it is a transaction, that was
 * running or committed above the snapshot; only its rollback can make its older version go, and a second look at its state after the
 * look-up tells whether that has begun to end. Then the scan goes on from that entry with a new copy.
 */
final class TreeScan {
    /** Stamp given in the private copy to an entry whose transaction the view sees. */
    private static final long SEEN = 0;
    /** So many ghosts in a leaf are worth removing. */
    private static final int MANY_GHOSTS = 16;

    private final Engine engine;
    private final BufferPool pool;
    private final int pageSize;
    private final PageHints hints;

    TreeScan(Engine engine, PageHints hints) {
        this.engine = engine;
        this.hints = hints;
        pool = engine.pool();
        pageSize = pool.pageSize();
    }

    /** See {@link BTree#scan}. */
    Step scan(Workspace workspace, TreeRef tree, ScanCursor cursor, ReadView view, EntrySink sink, int maxEntries) {
        if (cursor.exhausted()) {
            return Step.DONE;
        }
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = copyLeaf(workspace, tree, cursor, scratch);
        if (step != Step.DONE) {
            return step;
        }
        int stop = decide(workspace.pageBuffer, scratch.range, cursor.reverse(), view, maxEntries);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (!engine.versions().readable(view)) {
            return Step.SNAPSHOT_TOO_OLD;
        }
        if (scratch.range.ghosts >= MANY_GHOSTS) {
            hints.add(scratch.descent.page(scratch.descent.leaf()));
        }
        return deliver(workspace, tree, cursor, view, sink, stop);
    }

    /** Copies the leaf of the cursor's position, to be validated yet, and finds the slots the cursor wants. */
    private Step copyLeaf(Workspace workspace, TreeRef tree, ScanCursor cursor, TreeScratch scratch) {
        workspace.keyAddress = workspace.keyBuffer;
        workspace.keyLength = cursor.copyPosition(workspace.keyBuffer);
        Step step = scratch.descent.to(pool, workspace, tree, target(cursor));
        if (step == Step.DONE) {
            long leaf = workspace.pageBuffer;
            Memory.copy(pool.address(scratch.descent.leafFrame()), leaf, pageSize);
            scratch.range.locate(
                    leaf, pageSize, cursor, workspace.keyAddress, workspace.keyLength, workspace.expectedBuffer);
        }
        return step;
    }

    /** See {@link BTree#verify(Workspace, TreeRef, ReadView, ScanCursor)}; forward only. */
    Step verify(Workspace workspace, TreeRef tree, ReadView view, ScanCursor cursor) {
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = copyLeaf(workspace, tree, cursor, scratch);
        if (step != Step.DONE) {
            return step;
        }
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        long leaf = workspace.pageBuffer;
        for (int i = scratch.range.from; i < scratch.range.to; i++) {
            long entry = LeafPage.entry(leaf, pageSize, i);
            long stamp = LeafPage.stamp(entry);
            if (!view.sees(stamp)) {
                copyKey(workspace, i);
                workspace.awaitLsn = Stamping.restsOn(engine.transactions(), stamp);
                return Step.CONFLICT;
            }
        }
        if (!engine.versions().readable(view)) {
            return Step.SNAPSHOT_TOO_OLD;
        }
        goOn(workspace, cursor, scratch.range, scratch.range.to);
        return Step.DONE;
    }

    private void copyKey(Workspace workspace, int slot) {
        workspace.keyAddress = workspace.keyBuffer;
        workspace.keyLength = LeafPage.copyKey(workspace.pageBuffer, pageSize, slot, workspace.keyBuffer);
    }

    private static Descent.Target target(ScanCursor cursor) {
        if (!cursor.reverse()) {
            return Descent.Target.KEY;
        }
        if (!cursor.bounded()) {
            return Descent.Target.LAST;
        }
        return cursor.positionInclusive() ? Descent.Target.KEY : Descent.Target.BEFORE;
    }

    /** Decides about transactions' stamps, slot by slot, until there may be enough entries; answers the slot to stop before. */
    private int decide(long leaf, LeafRange range, boolean reverse, ReadView view, int maxEntries) {
        int step = reverse ? -1 : 1;
        int end = reverse ? range.from - 1 : range.to;
        int i = reverse ? range.to - 1 : range.from;
        int wanted = maxEntries;
        int ghosts = 0;
        for (; i * step < end * step && wanted > 0; i += step) {
            long entry = LeafPage.entry(leaf, pageSize, i);
            long stamp = LeafPage.stamp(entry);
            boolean seen = view.sees(stamp);
            if (seen && Stamps.isTransaction(stamp)) {
                LeafPage.stamp(entry, SEEN);
            }
            if (!seen || !LeafPage.isGhost(entry)) {
                wanted--;
            } else {
                ghosts++;
            }
        }
        range.ghosts = ghosts;
        return i;
    }

    private Step deliver(
            Workspace workspace, TreeRef tree, ScanCursor cursor, ReadView view, EntrySink sink, int stop) {
        long leaf = workspace.pageBuffer;
        LeafRange range = TreeScratch.of(workspace).range;
        int step = cursor.reverse() ? -1 : 1;
        int start = cursor.reverse() ? range.to - 1 : range.from;
        int prefix = SlottedPageLayout.prefixLength(leaf, pageSize);
        Memory.copy(SlottedPageLayout.lowFence(leaf, pageSize), workspace.keyBuffer, prefix);
        for (int i = start; i != stop; i += step) {
            long entry = LeafPage.entry(leaf, pageSize, i);
            if (sink == null && isSeen(entry, view)) {
                count(cursor, entry);
                continue;
            }
            int suffix = LeafPage.suffixLength(leaf, pageSize, i);
            Memory.copy(entry + LEAF_ENTRY, workspace.keyBuffer + prefix, suffix);
            workspace.keyLength = prefix + suffix;
            long stamp = LeafPage.stamp(entry);
            if (isSeen(entry, view)) {
                if (!LeafPage.isGhost(entry)
                        && !deliver(
                                workspace,
                                cursor,
                                sink,
                                LeafPage.value(entry, suffix),
                                LeafPage.valueLength(entry),
                                LeafPage.isLong(entry))) {
                    return stopped(workspace, cursor);
                }
            } else {
                Step outcome = older(workspace, tree, view, stamp);
                if (outcome != Step.DONE) {
                    return interrupted(workspace, cursor, outcome, i != start);
                }
                if (workspace.found
                        && !deliver(
                                workspace,
                                cursor,
                                sink,
                                workspace.resultAddress,
                                workspace.resultLength,
                                workspace.resultIsLong)) {
                    return stopped(workspace, cursor);
                }
            }
        }
        goOn(workspace, cursor, range, stop);
        return Step.DONE;
    }

    private static boolean isSeen(long entry, ReadView view) {
        long stamp = LeafPage.stamp(entry);
        return !Stamps.isTransaction(stamp) && stamp <= view.lsn();
    }

    /** Nobody wants to see the entry: its key need not even be put together. */
    private static void count(ScanCursor cursor, long entry) {
        if (!LeafPage.isGhost(entry)) {
            cursor.delivered();
        }
    }

    /** Finds the version the view sees of an entry that it does not see in the leaf; {@code found}, whether it is a live one. */
    private Step older(Workspace workspace, TreeRef tree, ReadView view, long stamp) {
        workspace.resultIsLong = false;
        Found found = engine.versions().find(tree.treeId(), workspace, view);
        if (found == Found.GONE || found == Found.LOGGED) {
            return found == Found.GONE ? Step.SNAPSHOT_TOO_OLD : Step.VERSION_IN_LOG;
        }
        long state = Stamping.state(engine.transactions(), stamp);
        if (state == TransactionTable.ABORTED || state == TransactionTable.FORGOTTEN) {
            return Step.CONTENDED;
        }
        workspace.found = found == Found.VALUE;
        return Step.DONE;
    }

    /** Whether the scan goes on. */
    private static boolean deliver(
            Workspace workspace, ScanCursor cursor, EntrySink sink, long value, int valueLength, boolean isLong) {
        cursor.delivered();
        if (sink != null && isLong) {
            return sink.longEntry(workspace.keyBuffer, workspace.keyLength, value);
        }
        if (sink != null) {
            sink.entry(workspace.keyBuffer, workspace.keyLength, value, valueLength);
        }
        return true;
    }

    /** Stops behind the current key, as the sink wants it. */
    private static Step stopped(Workspace workspace, ScanCursor cursor) {
        cursor.moveTo(workspace.keyBuffer, workspace.keyLength, false);
        return Step.DONE;
    }

    /** Stops before the current key; what was delivered before it stays delivered. */
    private static Step interrupted(Workspace workspace, ScanCursor cursor, Step why, boolean progress) {
        if (!progress) {
            return why;
        }
        cursor.moveTo(workspace.keyBuffer, workspace.keyLength, true);
        return why == Step.CONTENDED ? Step.DONE : why;
    }

    private void goOn(Workspace workspace, ScanCursor cursor, LeafRange range, int stop) {
        long leaf = workspace.pageBuffer;
        boolean through = stop == (cursor.reverse() ? range.from - 1 : range.to);
        if (!through) {
            copyKey(workspace, cursor.reverse() ? stop + 1 : stop - 1);
            cursor.moveTo(workspace.keyBuffer, workspace.keyLength, false);
        } else if (range.last) {
            cursor.exhaust();
        } else if (cursor.reverse()) {
            int length = SlottedPageLayout.lowFenceLength(leaf, pageSize);
            cursor.moveTo(SlottedPageLayout.lowFence(leaf, pageSize), length, false);
        } else {
            int length = SlottedPageLayout.highFenceLength(leaf, pageSize);
            cursor.moveTo(SlottedPageLayout.highFence(leaf, pageSize), length, true);
        }
    }
}
