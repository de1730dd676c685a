package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.buffer.BufferPool;
import io.millrace.common.Memory;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.Step;
import io.millrace.txn.StopBits;
import io.millrace.txn.TransactionTable;
import io.millrace.txn.Workspace;

/**
 * Removes ghosts that nobody can need from a leaf, as one mini-transaction, redo only: whose deletion is committed and seen by every snapshot. What
 * older versions the version store still keeps of such a key say that it was deleted, see {@link io.millrace.txn.VersionStore}.
 */
final class GhostPurge {
    private static final int MAX_PURGED = 1024;

    private final Engine engine;
    private final int pageSize;

    GhostPurge(Engine engine) {
        this.engine = engine;
        BufferPool pool = engine.pool();
        pageSize = pool.pageSize();
    }

    /**
     * Removes ghosts from the leaf the descent has reached, of which a validated copy is in the workspace's second page buffer, if that makes
     * {@code needed} bytes free. Uses the first page buffer.
     *
     * @return null if it does not, or there are none; DONE when they are gone; or what to wait for
     */
    Step purge(Workspace workspace, TreeRef tree, TreeScratch scratch, int needed, boolean forUndo) {
        long leaf = workspace.secondPageBuffer;
        long slots = workspace.pageBuffer;
        int purged = 0;
        int freed = PageEditor.spareBytes(leaf, pageSize);
        int count = SlottedPageLayout.slotCount(leaf, pageSize);
        for (int i = 0; i < count && purged < MAX_PURGED; i++) {
            if (isDead(LeafPage.entry(leaf, pageSize, i), forUndo)) {
                freed += SLOT_BYTES + PageEditor.entryBytes(leaf, pageSize, i);
                Memory.putShort(slots + (long) purged++ * Short.BYTES, (short) i);
            }
        }
        if (purged == 0 || freed < needed) {
            return null;
        }
        int length = StopBits.length(tree.treeId()) + purged * Short.BYTES;
        MiniTransaction mini = workspace.miniTransaction;
        Descent descent = scratch.descent;
        mini.beginStructure(forUndo);
        mini.change(descent.leafFrame(), descent.leafStamp(), TreeOperation.LEAF_PURGE.code(), length)
                .putStopBit(tree.treeId())
                .putBytes(slots, purged * Short.BYTES);
        return Restructuring.finish(workspace);
    }

    /**
     * A ghost whose deletion is committed and seen by every snapshot. While restart undoes, a transaction that nobody knows may be a loser that
     * needs its ghost back (L4).
     */
    private boolean isDead(long entry, boolean forUndo) {
        if (!LeafPage.isGhost(entry)) {
            return false;
        }
        long state = Stamping.state(engine.transactions(), LeafPage.stamp(entry));
        return !forUndo && state == TransactionTable.FORGOTTEN
                || state > 0 && state <= engine.snapshots().lowWatermark();
    }

    /**
     * What the low watermark must have reached for no ghost of a leaf that does not change to be needed any more, as far as can be said now: of a
     * transaction that runs, only that it will be later than what can be seen now. 0 if none is needed.
     */
    long neededUpTo(long leaf) {
        int count = SlottedPageLayout.slotCount(leaf, pageSize);
        long needed = 0;
        for (int i = 0; i < count; i++) {
            long entry = LeafPage.entry(leaf, pageSize, i);
            if (LeafPage.isGhost(entry) && !isDead(entry, false)) {
                long state = Stamping.state(engine.transactions(), LeafPage.stamp(entry));
                needed = Math.max(needed, state > 0 ? state : engine.visibleLsn() + 1);
            }
        }
        return needed;
    }

    /** Like {@link #neededUpTo}, for a page with entries of a transaction that runs or is being rolled back; 0 if there are none. */
    long runningUpTo(long page) {
        int count = SlottedPageLayout.isLeaf(page) ? SlottedPageLayout.slotCount(page, pageSize) : 0;
        for (int i = 0; i < count; i++) {
            long state = Stamping.state(engine.transactions(), LeafPage.stamp(LeafPage.entry(page, pageSize, i)));
            if (state == TransactionTable.ACTIVE || state == TransactionTable.ABORTED) {
                return engine.visibleLsn() + 1;
            }
        }
        return 0;
    }
}
