package io.millrace.btree;

import static io.millrace.btree.SlottedPageLayout.INNER_ENTRY;
import static io.millrace.btree.SlottedPageLayout.LEAF_ENTRY;
import static io.millrace.btree.SlottedPageLayout.SLOTS;
import static io.millrace.btree.SlottedPageLayout.SLOT_BYTES;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.LoggedVersion;
import io.millrace.txn.RecordHandler;
import io.millrace.txn.StopBits;

/**
 * Applies tree changes to pages, at the time they are made and again at restart. Stateless.
 *
 * <pre>
 * key           = stop-bit length | bytes                     value = stop-bit length | bytes
 *
 * place         = stop-bit slot + 1, or 0: to be searched for
 *
 * LEAF_PUT      u8 bits (1 ghost, 2 undo part, 4 long value, 8 lock) | place | stop-bit tree | key | value
 *               undo part: u8 old state (0 live, 1 absent, 2 ghost, 4 long value) | unless absent: u64 old stamp | old value
 * LEAF_RESTORE  u8 bits (1 ghost, 4 long value) | place | stop-bit tree | key | value | u64 stamp
 * LEAF_REMOVE   u8 0 | place | stop-bit tree | key
 * LEAF_PURGE    stop-bit tree | u16 slot, ...                 ascending, up to the end of the body
 * PAGE_FORMAT   u32 tree | page bytes 32 to the end of the slots | page bytes from heap start to the end
 * SPLIT_LEFT    stop-bit number of slots to keep | key: new high fence
 * INNER_INSERT  stop-bit child | key: separator
 * INNER_DETACH  stop-bit number of children to keep
 * INNER_REMOVE  key: separator
 * LONG_VALUE    page bytes 32 to the end of the value's bytes in this page
 * INNER_MOVED   stop-bit index of the child, 0 the leftmost | stop-bit its new page
 * </pre>
 *
 * <p>With the bit for it, a value is the reference of a long one; then the record also changes the space map, see {@link LongValueLinks}.
 *
 * <p>A page is changed only from the state it was planned on, and repeated on the state it had then, so the place holds without a search; it is
 * checked all the same. Where one record changes a leaf twice, the second change is searched for.
 */
public final class TreeRecordHandler implements RecordHandler {
    private static final int CACHE_LINE = 64;
    /** So much of an entry is touched. */
    private static final int TOUCHED_BYTES = 2 * CACHE_LINE;

    @Override
    public int firstOperation() {
        return TreeOperation.FIRST;
    }

    @Override
    public int lastOperation() {
        return TreeOperation.LAST;
    }

    @Override
    public void redo(int operation, long page, int pageSize, long stamp, long body, int length) {
        switch (TreeOperation.of(operation)) {
            case LEAF_PUT -> put(page, pageSize, stamp, body);
            case LEAF_RESTORE -> put(page, pageSize, Memory.getLong(body + length - Long.BYTES), body);
            case LEAF_REMOVE -> remove(page, pageSize, body);
            case LEAF_PURGE -> purge(page, pageSize, body, length);
            case PAGE_FORMAT -> format(page, pageSize, body, length);
            case SPLIT_LEFT -> splitLeft(page, pageSize, body);
            case INNER_INSERT -> insertChild(page, pageSize, body);
            case INNER_DETACH -> detach(page, pageSize, lengthOf(body));
            case INNER_REMOVE -> removeChild(page, pageSize, body);
            case LONG_VALUE -> LongValueLayout.format(page, pageSize, body, length);
            case INNER_MOVED -> moved(page, pageSize, lengthOf(body), body + StopBits.length(lengthOf(body)));
        }
    }

    @Override
    public long touch(int operation, long page, int pageSize, long body, boolean deep) {
        if (operation > TreeOperation.LEAF_REMOVE.code()) {
            return 0;
        }
        int place = lengthOf(body + 1);
        long slot = SlottedPageLayout.slot(
                page, Math.min(place, (pageSize - SLOTS) / SLOT_BYTES - 1) - (place == 0 ? 0 : 1));
        if (!deep) {
            return Memory.getLong(slot) + Memory.getLong(page + SLOTS - Long.BYTES);
        }
        int offset = SlottedPageLayout.entryOffset(slot, pageSize, LEAF_ENTRY);
        int last = Math.min(offset + TOUCHED_BYTES, pageSize - 1);
        int middle = Math.min(offset + CACHE_LINE, pageSize - 1);
        return (long) Memory.getByte(page + offset) + Memory.getByte(page + middle) + Memory.getByte(page + last);
    }

    @Override
    public LoggedVersion overwritten(LoggedRecord record) {
        if (record.changeOperation() != TreeOperation.LEAF_PUT.code()) {
            throw new IllegalStateException("operation " + record.changeOperation() + " can't be undone");
        }
        LeafChange change = new LeafChange();
        change.read(record.changeBody());
        return new LoggedVersion(
                record,
                change.treeId,
                copy(change.key, change.keyLength),
                change.oldFlags,
                change.oldStamp,
                copy(change.oldValue, change.oldValueLength));
    }

    private static byte[] copy(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }

    private static void put(long page, int pageSize, long stamp, long body) {
        int bits = Memory.getUnsignedByte(body);
        int flags = ((bits & LeafChange.BIT_GHOST) != 0 ? LeafPage.GHOST : 0)
                | ((bits & LeafChange.BIT_LONG) != 0 ? LeafPage.LONG : 0);
        long key = keyOf(body);
        int keyLength = lengthOf(key);
        key += StopBits.length(keyLength);
        long value = key + keyLength;
        int valueLength = lengthOf(value);
        value += StopBits.length(valueLength);
        int found = find(page, pageSize, body, key, keyLength);
        if (found >= 0 && overwrite(page, pageSize, found, stamp, flags, value, valueLength)) {
            return;
        }
        int index = found;
        if (found >= 0) {
            PageEditor.remove(page, pageSize, found);
        } else {
            index = -found - 1;
        }
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int suffix = keyLength - prefix;
        long entry = PageEditor.insert(page, pageSize, index, key + prefix, suffix, LEAF_ENTRY + suffix + valueLength);
        LeafPage.write(entry, stamp, flags, valueLength);
        Memory.copy(value, LeafPage.value(entry, suffix), valueLength);
    }

    private static boolean overwrite(
            long page, int pageSize, int index, long stamp, int flags, long value, int valueLength) {
        long entry = LeafPage.entry(page, pageSize, index);
        int shrinkage = LeafPage.valueLength(entry) - valueLength;
        if (shrinkage < 0) {
            return false;
        }
        LeafPage.write(entry, stamp, flags, valueLength);
        Memory.copy(value, LeafPage.value(entry, LeafPage.suffixLength(page, pageSize, index)), valueLength);
        SlottedPageLayout.setGarbage(page, SlottedPageLayout.garbage(page) + shrinkage);
        return true;
    }

    private static void remove(long page, int pageSize, long body) {
        long key = keyOf(body);
        int keyLength = lengthOf(key);
        removeFound(page, pageSize, find(page, pageSize, body, key + StopBits.length(keyLength), keyLength));
    }

    private static void removeChild(long page, int pageSize, long key) {
        int keyLength = lengthOf(key);
        removeFound(page, pageSize, PageSearch.find(page, pageSize, key + StopBits.length(keyLength), keyLength));
    }

    private static void removeFound(long page, int pageSize, int found) {
        if (found < 0) {
            throw new IllegalStateException("the entry to remove is not there");
        }
        PageEditor.remove(page, pageSize, found);
    }

    private static void purge(long page, int pageSize, long body, int length) {
        long first = body + StopBits.length(StopBits.read(body));
        for (long at = body + length - Short.BYTES; at >= first; at -= Short.BYTES) {
            PageEditor.remove(page, pageSize, Memory.getUnsignedShort(at));
        }
    }

    private static void format(long page, int pageSize, long body, int length) {
        int front = SLOTS - PageLayout.BODY;
        long image = body + Integer.BYTES;
        front += SLOT_BYTES * Memory.getUnsignedShort(image + SlottedPageLayout.SLOT_COUNT - PageLayout.BODY);
        int heap = length - Integer.BYTES - front;
        int level = Memory.getUnsignedByte(image + SlottedPageLayout.LEVEL - PageLayout.BODY);
        PageLayout.kind(page, level == 0 ? PageLayout.KIND_LEAF : PageLayout.KIND_INNER);
        PageLayout.version(page, SlottedPageLayout.VERSION);
        PageLayout.flags(page, 0);
        PageLayout.treeId(page, Memory.getInt(body));
        Memory.copy(image, page + PageLayout.BODY, front);
        Memory.setMemory(page + PageLayout.BODY + front, pageSize - PageLayout.BODY - front - heap, (byte) 0);
        Memory.copy(image + front, page + pageSize - heap, heap);
    }

    private static void splitLeft(long page, int pageSize, long body) {
        int keep = lengthOf(body);
        long fence = body + StopBits.length(keep);
        int fenceLength = lengthOf(fence);
        PageEditor.truncate(page, pageSize, keep, fence + StopBits.length(fenceLength), fenceLength);
    }

    private static void insertChild(long page, int pageSize, long body) {
        long child = StopBits.read(body);
        long key = body + StopBits.length(child);
        int keyLength = lengthOf(key);
        key += StopBits.length(keyLength);
        int prefix = SlottedPageLayout.prefixLength(page, pageSize);
        int suffix = keyLength - prefix;
        int index = PageSearch.lowerBound(page, pageSize, key, keyLength);
        long entry = PageEditor.insert(page, pageSize, index, key + prefix, suffix, INNER_ENTRY + suffix);
        Memory.putLong(entry, child);
    }

    private static void detach(long page, int pageSize, int keep) {
        for (int i = SlottedPageLayout.slotCount(page, pageSize) - 1; i >= Math.max(0, keep - 1); i--) {
            PageEditor.remove(page, pageSize, i);
        }
        if (keep == 0) {
            InnerPage.firstChild(page, 0);
        }
    }

    private static void moved(long page, int pageSize, int index, long newPage) {
        if (index > SlottedPageLayout.slotCount(page, pageSize)) {
            throw new IllegalStateException("there is no child " + index);
        }
        InnerPage.setChild(page, pageSize, index - 1, StopBits.read(newPage));
    }

    private static int find(long page, int pageSize, long body, long key, int keyLength) {
        int place = lengthOf(body + 1);
        return place == 0
                ? PageSearch.find(page, pageSize, key, keyLength)
                : PageSearch.findAt(page, pageSize, place - 1, key, keyLength);
    }

    /** Address of the key, its length first, in the body of a leaf change. */
    private static long keyOf(long body) {
        long tree = body + 1 + StopBits.length(StopBits.read(body + 1));
        return tree + StopBits.length(StopBits.read(tree));
    }

    private static int lengthOf(long address) {
        return (int) StopBits.read(address);
    }
}
