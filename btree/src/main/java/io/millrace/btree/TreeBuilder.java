package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.OperationContext;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Builds a tree from below out of entries in key order: full leaves, above them full inner pages, each written once, as an image, in a
 * mini-transaction of its own. A page is pending until the one above it names it, the root until somebody links it; so a crash at any time
 * leaves nothing. One use, one thread, which may block.
 *
 * <p>All entries get one stamp, older than the tree: who sees the tree sees them.
 */
final class TreeBuilder {
    private final OperationContext context;
    private final int pageSize;
    private final int treeId;
    private final long stamp;
    private final long image;
    private final List<PageStaging> levels = new ArrayList<>();
    private final LongArrayList leaves = new LongArrayList();
    /** Pages that are written and not yet named by the level above. */
    private final LongArrayList loose = new LongArrayList();

    private final long[] links;
    private final LongHashSet values;

    /**
     * A builder.
     *
     * @param stamp of all entries
     * @param values first pages of long values that no page refers to; those that one does are taken out
     */
    TreeBuilder(OperationContext context, long treeId, long stamp, LongHashSet values) {
        this.context = context;
        this.values = values;
        this.treeId = Math.toIntExact(treeId);
        this.stamp = stamp;
        pageSize = context.engine().pool().pageSize();
        image = Memory.allocateOwned(this, pageSize);
        levels.add(new PageStaging(pageSize, 0, this.treeId));
        links = new long[levels.get(0).mostLinks()];
    }

    /** Where the key of the next entry is to be written, and behind it its value. */
    long nextKey() {
        return levels.get(0).nextKey();
    }

    /** How the key written there compares with the last one; above it if there is none. */
    int compareToLast(int keyLength) {
        return levels.get(0).compareToLast(keyLength);
    }

    /** Takes the entry that has been written at {@link #nextKey}; its key is above the last one. */
    void add(int keyLength, int valueLength, boolean isLong) {
        PageStaging leaf = levels.get(0);
        long link = finishEntry(leaf, keyLength, valueLength, isLong);
        while (leaf.count() > 0 && !leaf.fits(keyLength, valueLength)) {
            cut(0, keyLength, valueLength);
        }
        leaf.add(keyLength, valueLength, link);
    }

    /** The same where its key is the last one; answers the first page of the long value it replaces, 0 for none. */
    long replaceLast(int keyLength, int valueLength, boolean isLong) {
        PageStaging leaf = levels.get(0);
        return leaf.replaceLast(keyLength, valueLength, finishEntry(leaf, keyLength, valueLength, isLong));
    }

    private long finishEntry(PageStaging leaf, int keyLength, int valueLength, boolean isLong) {
        LeafPage.write(leaf.next(), stamp, isLong ? LeafPage.LONG : 0, valueLength);
        return isLong ? LongValueLayout.head(leaf.nextKey() + keyLength) : 0;
    }

    private void cut(int level, int keyLength, int valueLength) {
        PageStaging staging = levels.get(level);
        emit(level, staging.cut(keyLength), keyLength, valueLength);
    }

    /** Writes the page of the first {@code entries} of a level, and names it in the level above. */
    private void emit(int level, int entries, int keyLength, int valueLength) {
        PageStaging staging = levels.get(level);
        if (level + 1 == levels.size()) {
            levels.add(new PageStaging(pageSize, level + 1, treeId));
        }
        PageStaging above = levels.get(level + 1);
        int lowLength = staging.lowLength();
        Memory.copy(staging.low(), above.nextKey(), lowLength);
        long page = write(staging, entries, keyLength);
        // From here on it is the page that is pending, not what hangs on it.
        loose.addLong(page);
        staging.take(entries, keyLength, valueLength);
        Memory.putLong(above.next(), page);
        while (above.count() > 0 && !above.fits(lowLength, 0)) {
            cut(level + 1, lowLength, 0);
        }
        above.add(lowLength, 0, page);
        loose.removeAt(loose.size() - 1);
    }

    private long write(PageStaging staging, int entries, int keyLength) {
        staging.build(image, entries, keyLength);
        int linked = staging.links(entries, links);
        long page = new PageWrite(context, image, links, linked).write();
        if (staging.leaf) {
            leaves.addLong(page);
            for (int i = 0; i < linked; i++) {
                values.remove(links[i]);
            }
        }
        return page;
    }

    /** Writes what is left; answers the root, which is pending, 0 if there was no entry. */
    long finish() {
        if (levels.get(0).count() == 0) {
            return 0;
        }
        for (int level = 0; ; level++) {
            PageStaging staging = levels.get(level);
            while (!staging.fitsAtTheEdge()) {
                cut(level, 0, 0);
            }
            if (!staging.isContinued()) {
                long root = write(staging, staging.count(), 0);
                staging.take(staging.count(), 0, 0);
                return root;
            }
            emit(level, staging.count(), 0, 0);
        }
    }

    /** The leaves written so far, in key order. */
    LongArrayList leaves() {
        return leaves;
    }

    /** Pages that are pending: no other page of the tree refers to them. The root is no more among them once it is finished. */
    List<Long> pending() {
        List<Long> pages = new ArrayList<>(loose);
        for (PageStaging staging : levels.subList(1, levels.size())) {
            for (long page : staging.allLinks()) {
                pages.add(page);
            }
        }
        return pages;
    }

    /** Takes entries out again. */
    interface StagedEntries {
        /** One, its value behind its key. */
        void entry(long key, int keyLength, int valueLength, boolean isLong);
    }

    /** Gives {@code target} the entries that are in no page yet. */
    void takeStaged(StagedEntries target) {
        levels.get(0).forEach(target);
    }

    long treeId() {
        return treeId;
    }
}
