package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.txn.Workspace;

/** What tree operations need besides a workspace's memory; made once per workspace, so that operations allocate nothing. */
final class TreeScratch {
    final Descent descent = new Descent();
    final Descent secondDescent = new Descent();
    final LeafChange change = new LeafChange();
    final SplitPoint split = new SplitPoint();
    final LeafRange range = new LeafRange();
    final LongValueLinks links = new LongValueLinks();

    /** Address of the leaf that {@link #look} looked at. */
    long page;

    /** Slot of the key, or {@code -(insertion point) - 1}. */
    int found;

    /** Whether there is an entry, live or ghost. */
    boolean exists;

    boolean ghost;
    long stamp;
    long value;
    int valueLength;

    /** The tree that {@link Contraction#locate} found, or null. */
    TreeRef tree;

    /** Of the leaf last contracted, see {@link GhostPurge#neededUpTo}. */
    long ghostsNeededUpTo;

    /** Whether the value is the reference of a long one. */
    boolean isLong;

    /** First page of that long value, 0 for none. */
    long longHead;

    /** Whether a ghost is about to be written. */
    boolean deletes;

    /** Whether the value is to stay as it is. */
    boolean keeps;

    /** The value about to be written. */
    long newValue;

    /** Its length. */
    int newValueLength;

    /** Whether it is the reference of a long one. */
    boolean newIsLong;

    static TreeScratch of(Workspace workspace) {
        TreeScratch scratch = (TreeScratch) workspace.treeScratch;
        if (scratch == null) {
            scratch = new TreeScratch();
            workspace.treeScratch = scratch;
        }
        return scratch;
    }

    /** Looks the workspace's key up in the leaf the descent has reached. What it sees holds if the leaf is valid afterwards. */
    void look(BufferPool pool, Workspace workspace) {
        int pageSize = pool.pageSize();
        page = pool.address(descent.leafFrame());
        found = PageSearch.find(page, pageSize, workspace.keyAddress, workspace.keyLength);
        exists = found >= 0;
        ghost = false;
        stamp = 0;
        value = page;
        valueLength = 0;
        isLong = false;
        longHead = 0;
        if (exists) {
            long entry = LeafPage.entry(page, pageSize, found);
            int suffix = LeafPage.suffixLength(page, pageSize, found);
            stamp = LeafPage.stamp(entry);
            ghost = LeafPage.isGhost(entry);
            valueLength = LeafPage.valueLength(page, pageSize, entry, suffix);
            value = LeafPage.value(entry, suffix);
            isLong = LeafPage.isLong(entry) && valueLength == LongValueLayout.REFERENCE_BYTES;
            longHead = isLong ? LongValueLayout.head(value) : 0;
        }
    }

    /** Where the key stands, or is to stand. */
    int slot() {
        return exists ? found : -found - 1;
    }

    /** What a write in this mode would write; after {@link #look}. */
    void aim(Workspace workspace, WriteMode mode) {
        keeps = mode == WriteMode.LOCK;
        deletes = keeps ? !live() : mode.deletes();
        newValue = keeps ? value : workspace.valueAddress;
        newValueLength = deletes ? 0 : keeps ? valueLength : workspace.valueLength;
        newIsLong = !deletes && (keeps ? isLong : workspace.valueIsLong);
        long newHead = !newIsLong ? 0 : keeps ? longHead : LongValueLayout.head(workspace.valueAddress);
        links.change(longHead, newHead);
    }

    /** Whether there is a live entry. */
    boolean live() {
        return exists && !ghost;
    }

    /** Whether a value of {@link #newValueLength} bytes fits under the key, after a compaction at the latest. */
    boolean fits(int pageSize, int keyLength) {
        if (exists && newValueLength <= valueLength) {
            return true;
        }
        int spare = PageEditor.spareBytes(page, pageSize);
        if (exists) {
            return spare + valueLength >= newValueLength;
        }
        return spare >= neededBytes(pageSize, keyLength);
    }

    /** Bytes of slot and entry of the key with the new value, on a page with this one's prefix. */
    int neededBytes(int pageSize, int keyLength) {
        int suffix = keyLength - SlottedPageLayout.prefixLength(page, pageSize);
        return SlottedPageLayout.SLOT_BYTES + SlottedPageLayout.LEAF_ENTRY + suffix + newValueLength;
    }
}
