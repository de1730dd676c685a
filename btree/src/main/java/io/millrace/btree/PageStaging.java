package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.common.Memory;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.SpaceMap;
import java.util.Arrays;

/**
 * The entries of the page that is being filled at one level of a tree built from below, and of those that have to wait for the next one: in key
 * order, with their whole keys, behind each other in private memory. Where the page ends is known only when its high fence is, and with that
 * the prefix that its entries need not repeat; so a few entries may turn out not to fit, and stay.
 *
 * <p>In a leaf an entry is the leaf's entry with its whole key. In an inner page it is the child and the key from which on it holds keys; the first
 * one is the page's leftmost child, its key the low fence.
 */
final class PageStaging {
    private static final int PAGES = 4;
    /** Beside the page and the one of the space map for its own bit. */
    private static final int MAX_MAP_PAGES = MiniTransaction.MAX_PAGES - 2;

    final boolean leaf;
    private final int pageSize;
    private final int level;
    private final int treeId;
    private final int entryHeader;
    private final int room;
    private final long memory;
    private final long low;
    private final long high;
    private final int[] offsets;
    private final int[] keyLengths;
    private final int[] valueLengths;
    private final long[] links;
    private int count;
    private int end;
    private int bytes;
    private int lowLength;
    private boolean first = true;

    PageStaging(int pageSize, int level, int treeId) {
        this.pageSize = pageSize;
        this.level = level;
        this.treeId = treeId;
        leaf = level == 0;
        entryHeader = leaf ? SlottedPageLayout.LEAF_ENTRY : SlottedPageLayout.INNER_ENTRY;
        room = PAGES * pageSize;
        // Behind what is staged there is room for one more entry, and for the two fences.
        memory = Memory.allocateOwned(this, room + 3L * pageSize);
        low = memory + room + pageSize;
        high = low + pageSize;
        int most = (pageSize - SLOTS) / SLOT_BYTES;
        offsets = new int[most + 1];
        keyLengths = new int[most + 1];
        valueLengths = new int[most + 1];
        links = new long[most + 1];
    }

    int count() {
        return count;
    }

    /** Whether a page has been taken before. */
    boolean isContinued() {
        return !first;
    }

    /** Where the next entry is to be written: its fixed part, its key, its value. */
    long next() {
        return memory + end;
    }

    /** Address of the key of the entry to come. */
    long nextKey() {
        return next() + entryHeader;
    }

    /** How the key of the entry to come, of {@code keyLength} bytes, compares with the last one; above it if there is none. */
    int compareToLast(int keyLength) {
        return count == 0 ? 1 : Memory.compareUnsigned(nextKey(), keyLength, key(count - 1), keyLengths[count - 1]);
    }

    /** The entry to come takes the place of the last one, which has the same key; answers the page that hung on that one, 0 for none. */
    long replaceLast(int keyLength, int valueLength, long link) {
        count--;
        bytes -= bytesOf(count);
        long replaced = links[count];
        Memory.copy(next(), memory + offsets[count], entryHeader + keyLength + valueLength);
        end = offsets[count];
        add(keyLength, valueLength, link);
        return replaced;
    }

    /**
     * Whether the entry to come may go to the same page as the ones before. It looks as if: the page may have to end before it all the same.
     */
    boolean fits(int keyLength, int valueLength) {
        int more = SLOT_BYTES + entryHeader + keyLength + valueLength;
        int prefix = lowLength == 0 ? 0 : commonWithLow(nextKey(), keyLength);
        int total = SLOTS + bytes + more - (count + 1) * prefix + lowLength + keyLength + 1;
        return total <= pageSize && end + more <= room && count + 1 < offsets.length;
    }

    /** Takes the entry that has been written at {@link #next}. {@code link}: the page that hangs on it, 0 for none. */
    void add(int keyLength, int valueLength, long link) {
        offsets[count] = end;
        keyLengths[count] = keyLength;
        valueLengths[count] = valueLength;
        links[count] = link;
        bytes += bytesOf(count);
        count++;
        end += entryHeader + keyLength + valueLength;
    }

    private int bytesOf(int index) {
        return SLOT_BYTES + entryHeader + keyLengths[index] + valueLengths[index];
    }

    private long key(int index) {
        return memory + offsets[index] + entryHeader;
    }

    private int commonWithLow(long key, int keyLength) {
        return Memory.mismatch(low, key, Math.min(lowLength, keyLength));
    }

    /**
     * How many entries go to the page if it ends before some entry: as many as possible, of those before the one to come at {@link #next}, or,
     * with {@code keyLength} 0, of all.
     */
    int cut(int keyLength) {
        int least = leaf ? 1 : 2;
        // The page after an inner one must have two children at least.
        int most = leaf && keyLength > 0 ? count : count - (leaf ? 1 : 2) + (keyLength > 0 ? 1 : 0);
        for (int i = Math.min(most, linkable()); i > least; i--) {
            if (sizeUpTo(i, keyLength) <= pageSize) {
                return i;
            }
        }
        return least;
    }

    private int sizeUpTo(int entries, int nextKeyLength) {
        int highLength = separatorBefore(entries, nextKeyLength);
        int prefix = prefix(highLength);
        int total = SLOTS + lowLength + highLength;
        for (int i = leaf ? 0 : 1; i < entries; i++) {
            total += bytesOf(i) - prefix;
        }
        return total;
    }

    /** Whether everything that is staged makes one page at the right edge of the tree. */
    boolean fitsAtTheEdge() {
        int total = SLOTS + lowLength + bytes - (leaf ? 0 : bytesOf(0));
        return total <= pageSize && linkable() == count;
    }

    /** How many entries a page may have so that the space map's pages, for what hangs on them, are not too many for a mini-transaction. */
    private int linkable() {
        long[] mapPages = new long[MAX_MAP_PAGES];
        int known = 0;
        for (int i = 0; i < count; i++) {
            long mapPage = links[i] == 0 ? 0 : SpaceMap.mapPageOf(links[i], pageSize);
            boolean isKnown = mapPage == 0;
            for (int k = 0; k < known && !isKnown; k++) {
                isKnown = mapPages[k] == mapPage;
            }
            if (!isKnown && known == MAX_MAP_PAGES) {
                return i;
            }
            if (!isKnown) {
                mapPages[known++] = mapPage;
            }
        }
        return count;
    }

    private int prefix(int highLength) {
        return Memory.mismatch(low, high, Math.min(lowLength, highLength));
    }

    /** Copies the fence before entry {@code index}, which may be the one to come; answers its length. */
    private int separatorBefore(int index, int nextKeyLength) {
        long key = index < count ? key(index) : nextKey();
        int keyLength = index < count ? keyLengths[index] : nextKeyLength;
        int length = keyLength;
        if (leaf) {
            int common = Math.min(keyLength, keyLengths[index - 1]);
            length = Memory.mismatch(key(index - 1), key, common) + 1;
        }
        Memory.copy(key, high, length);
        return length;
    }

    /** Builds the page of the first {@code entries}; with {@code entries} equal to the count and no key to come, the last one of the level. */
    void build(long page, int entries, int nextKeyLength) {
        boolean edge = entries == count && nextKeyLength == 0;
        int highLength = edge ? 0 : separatorBefore(entries, nextKeyLength);
        PageImage.begin(page, pageSize, level, treeId);
        PageImage.fences(page, pageSize, low, lowLength, high, highLength);
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int at = SlottedPageLayout.heapStart(page);
        int slot = 0;
        if (!leaf) {
            InnerPage.firstChild(page, Memory.getLong(memory + offsets[0]));
        }
        for (int i = leaf ? 0 : 1; i < entries; i++) {
            int suffix = keyLengths[i] - prefix;
            at -= entryHeader + suffix + valueLengths[i];
            long entry = page + at;
            Memory.copy(memory + offsets[i], entry, entryHeader);
            Memory.copy(key(i) + prefix, entry + entryHeader, suffix + valueLengths[i]);
            int head = SlottedPageLayout.head(entry + entryHeader, suffix);
            SlottedPageLayout.setSlot(SlottedPageLayout.slot(page, slot++), head, at, suffix);
        }
        SlottedPageLayout.setSlotCount(page, slot);
        SlottedPageLayout.setHeapStart(page, at);
    }

    /** What hangs on the first {@code entries}: to be linked by their page. */
    int links(int entries, long[] target) {
        int found = 0;
        for (int i = 0; i < entries; i++) {
            if (links[i] != 0) {
                target[found++] = links[i];
            }
        }
        return found;
    }

    /** What hangs on all entries. */
    long[] allLinks() {
        long[] all = new long[count];
        return Arrays.copyOf(all, links(count, all));
    }

    /** The entries of a leaf that are staged, but not the one to come. */
    void forEach(TreeBuilder.StagedEntries target) {
        for (int i = 0; i < count; i++) {
            target.entry(key(i), keyLengths[i], valueLengths[i], LeafPage.isLong(memory + offsets[i]));
        }
    }

    int mostLinks() {
        return links.length;
    }

    /** Address of the low fence of the page that is being filled. */
    long low() {
        return low;
    }

    int lowLength() {
        return lowLength;
    }

    /** The page of the first {@code entries} has been built: the others, and the one to come, are for the next one. */
    void take(int entries, int nextKeyLength, int nextValueLength) {
        boolean edge = entries == count && nextKeyLength == 0;
        lowLength = edge ? 0 : separatorBefore(entries, nextKeyLength);
        Memory.copy(high, low, lowLength);
        int from = entries < count ? offsets[entries] : end;
        int behind = nextKeyLength == 0 ? 0 : entryHeader + nextKeyLength + nextValueLength;
        Memory.copy(memory + from, memory, end - from + behind);
        end -= from;
        bytes = 0;
        int kept = count - entries;
        for (int i = 0; i < kept; i++) {
            offsets[i] = offsets[entries + i] - from;
            keyLengths[i] = keyLengths[entries + i];
            valueLengths[i] = valueLengths[entries + i];
            links[i] = links[entries + i];
            bytes += bytesOf(i);
        }
        count = kept;
        first = false;
    }
}
