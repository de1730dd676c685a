package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.common.Memory;

/**
 * Where to split a page, and the separator that goes up. Of a leaf the new entry counts as if it were already there, so that it fits into its
 * half sooner or later whatever its size; the separator is the shortest key between both halves. Of an inner page one separator moves up.
 *
 * <p>A page at the right edge that is split by an entry behind all others is split there: ascending keys leave full pages. The same at
 * the left edge for descending ones. Within the tree the same is done where the last few entries of the page came in order, right up to the new
 * one (what InnoDB does with its last-insert position): several streams of ascending keys leave full pages, too. Mutable, one per {@link TreeScratch}; works on a private copy of the page.
 */
final class SplitPoint {
    /** A byte of separator, which is repeated in both fences and above, weighs as much as this many bytes of imbalance. */
    private static final int SEPARATOR_WEIGHT = 8;
    /** So many entries inserted one behind the other are taken for keys that come in order. */
    private static final int RUN = 4;

    private long page;
    private int pageSize;
    private int count;
    private int prefix;
    private int low;
    private int high;
    private int entries;
    private int position;
    private boolean update;
    private int newBytes;
    private long newSuffix;
    private int newSuffixLength;
    private int real;
    private int best;

    /** Slots that stay on the left. */
    int keep;

    /** First slot that goes to the right. */
    int rightFrom;

    /** Length of the separator. */
    int separatorLength;

    /**
     * Chooses for a leaf.
     *
     * @param found slot of the key to write, or {@code -(insertion point) - 1}
     * @param bytes of the new entry with its slot
     */
    void chooseLeaf(long leaf, int size, long key, int keyLength, int found, int bytes) {
        lookAt(leaf, size);
        update = found >= 0;
        position = update ? found : -found - 1;
        newBytes = bytes;
        newSuffix = key + prefix;
        newSuffixLength = keyLength - prefix;
        entries = update ? count : count + 1;
        best = 0;
        boolean append = !update && position == count && high == 0;
        boolean prepend = !update && position == 0 && low == 0;
        if (append && entries > 1 && halvesFit(real, 0, leafSeparatorLength(count))) {
            best = count;
        } else if (prepend && entries > 1 && halvesFit(0, real, leafSeparatorLength(1))) {
            best = 1;
        } else {
            chooseWithin();
        }
        keep = update || best <= position ? best : best - 1;
        rightFrom = keep;
        separatorLength = leafSeparatorLength(best);
    }

    /** Where keys come in order, between others: right there, so that what they leave behind is full. Else in the middle. */
    private void chooseWithin() {
        int before = bytesBefore(position);
        if (!update && isRun(position - 1, -1) && halvesFit(before, real - before, leafSeparatorLength(position))) {
            best = position;
        } else if (!update
                && isRun(position, 1)
                && halvesFit(before, real - before, leafSeparatorLength(position + 1))) {
            best = position + 1;
        } else {
            balanceLeaf();
        }
    }

    private int bytesBefore(int slot) {
        int bytes = 0;
        for (int i = 0; i < slot; i++) {
            bytes += bytesOf(i);
        }
        return bytes;
    }

    /**
     * Whether the entry in {@code slot} is the last that was inserted into the page, and those following it in this direction the ones
     * before: entries are taken from the front of the heap, so their offsets tell in which order they came.
     */
    private boolean isRun(int slot, int direction) {
        int offset = SlottedPageLayout.heapStart(page);
        for (int i = 0; i < RUN; i++) {
            int at = slot + i * direction;
            if (at < 0 || at >= count || offset(at) != offset) {
                return false;
            }
            offset += PageEditor.entryBytes(page, pageSize, at);
        }
        return true;
    }

    private int offset(int slot) {
        return Memory.getUnsignedShort(SlottedPageLayout.slot(page, slot) + SlottedPageLayout.SLOT_OFFSET);
    }

    private void balanceLeaf() {
        int total = real + newBytes - (update ? bytesOf(position) : 0);
        int left = 0;
        int leftReal = 0;
        long score = Long.MAX_VALUE;
        for (int i = 1; i < entries; i++) {
            boolean fresh = i - 1 == position;
            int bytes = fresh && !update ? 0 : bytesOf(slotOf(i - 1));
            left += fresh ? newBytes : bytes;
            leftReal += bytes;
            int length = leafSeparatorLength(i);
            long candidate = Math.abs(total - 2L * left) + (long) SEPARATOR_WEIGHT * length;
            if (candidate < score && halvesFit(leftReal, real - leftReal, length)) {
                score = candidate;
                best = i;
            }
        }
        if (best == 0) {
            throw new IllegalStateException("a leaf with " + count + " entries can't be split");
        }
    }

    /** Chooses for an inner page; {@code append} if the child about to be split is its last. */
    void chooseInner(long inner, int size, boolean append) {
        lookAt(inner, size);
        update = true;
        position = -1;
        best = -1;
        int last = count - 1;
        if (append && high == 0 && halvesFit(real - bytesOf(last), 0, prefix + suffixLength(last))) {
            best = last;
        } else {
            balanceInner();
        }
        keep = best;
        rightFrom = best + 1;
        separatorLength = prefix + suffixLength(best);
    }

    private void balanceInner() {
        int left = 0;
        long score = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            int bytes = bytesOf(i);
            int right = real - left - bytes;
            int length = prefix + suffixLength(i);
            long candidate = Math.abs(left - right) + (long) SEPARATOR_WEIGHT * length;
            if (candidate < score && halvesFit(left, right, length)) {
                score = candidate;
                best = i;
            }
            left += bytes;
        }
        if (best < 0) {
            throw new IllegalStateException("an inner page with " + count + " separators can't be split");
        }
    }

    /** Writes the separator's {@link #separatorLength} bytes. */
    void separator(long target) {
        Memory.copy(SlottedPageLayout.lowFence(page, pageSize), target, prefix);
        Memory.copy(suffix(best), target + prefix, separatorLength - prefix);
    }

    private void lookAt(long source, int size) {
        page = source;
        pageSize = size;
        count = SlottedPageLayout.slotCount(page, size);
        prefix = SlottedPageLayout.prefixLength(page, size);
        low = SlottedPageLayout.lowFenceLength(page, size);
        high = SlottedPageLayout.highFenceLength(page, size);
        real = 0;
        for (int i = 0; i < count; i++) {
            real += bytesOf(i);
        }
    }

    private int bytesOf(int slot) {
        return SLOT_BYTES + PageEditor.entryBytes(page, pageSize, slot);
    }

    private int slotOf(int entry) {
        return update || entry < position ? entry : entry - 1;
    }

    private long suffix(int entry) {
        if (entry == position) {
            return newSuffix;
        }
        int entryHeader = SlottedPageLayout.entryHeader(page);
        long slot = SlottedPageLayout.slot(page, slotOf(entry));
        return page + SlottedPageLayout.entryOffset(slot, pageSize, entryHeader) + entryHeader;
    }

    private int suffixLength(int entry) {
        if (entry == position) {
            return newSuffixLength;
        }
        long slot = SlottedPageLayout.slot(page, slotOf(entry));
        return SlottedPageLayout.suffixLength(slot, pageSize, SlottedPageLayout.entryHeader(page));
    }

    /** Length of the shortest key above entry {@code entry - 1} that is not above entry {@code entry}. */
    private int leafSeparatorLength(int entry) {
        int common = Math.min(suffixLength(entry - 1), suffixLength(entry));
        return prefix + Memory.mismatch(suffix(entry - 1), suffix(entry), common) + 1;
    }

    /** Whether the page's present slots and entries, so divided, fit with a separator of {@code length} as their common fence. */
    private boolean halvesFit(int leftBytes, int rightBytes, int length) {
        int room = pageSize - SlottedPageLayout.SLOTS - length;
        return low + leftBytes <= room && rightBytes + high <= room;
    }
}
