package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.ChangeWriter;
import io.millrace.txn.StopBits;
import io.millrace.txn.VersionStore;

/**
 * One change of one leaf entry, between operands and log: filled in and written by who makes the change, read back by undo. Redo reads the
 * same bytes by itself, see {@link TreeRecordHandler}, where they are drawn. Mutable, one per {@link TreeScratch}.
 */
final class LeafChange {
    static final int BIT_GHOST = 1;
    static final int BIT_UNDO = 2;
    static final int BIT_LONG = 4;
    static final int BIT_LOCK = 8;

    /** {@link #slot} of a change whose place is only known once the changes before it are applied. */
    static final int NO_SLOT = -1;

    TreeOperation operation = TreeOperation.LEAF_PUT;

    /** Where the key stands in its leaf, or is to stand; or {@link #NO_SLOT}. */
    int slot = NO_SLOT;

    long treeId;
    long key;
    int keyLength;
    boolean ghost;

    /** Whether the value is the reference of a long one. */
    boolean isLong;

    long value;
    int valueLength;

    /** Whether it only stamps the entry, whose value stays (LEAF_PUT). */
    boolean lock;

    /** Whether the old version is part of the body (LEAF_PUT). */
    boolean undoable;

    /** Some of {@link VersionStore#FLAG_ABSENT}, {@link VersionStore#FLAG_GHOST}, {@link VersionStore#FLAG_LONG}. */
    int oldFlags;

    /** Stamp of the old version; of LEAF_RESTORE, the stamp to restore. */
    long oldStamp;

    long oldValue;
    int oldValueLength;

    /** Exact length of the body. */
    int length() {
        int bytes = 1 + StopBits.length(slot + 1) + StopBits.length(treeId) + StopBits.length(keyLength) + keyLength;
        if (operation == TreeOperation.LEAF_REMOVE) {
            return bytes;
        }
        bytes += StopBits.length(valueLength) + valueLength;
        if (operation == TreeOperation.LEAF_RESTORE) {
            return bytes + Long.BYTES;
        }
        if (undoable) {
            bytes++;
            if (!oldAbsent()) {
                bytes += Long.BYTES + StopBits.length(oldValueLength) + oldValueLength;
            }
        }
        return bytes;
    }

    void write(ChangeWriter out) {
        boolean undoPart = undoable && operation == TreeOperation.LEAF_PUT;
        int bits = (ghost ? BIT_GHOST : 0) | (isLong ? BIT_LONG : 0) | (lock ? BIT_LOCK : 0);
        out.putByte(bits | (undoPart ? BIT_UNDO : 0));
        out.putStopBit(slot + 1).putStopBit(treeId).putStopBit(keyLength).putBytes(key, keyLength);
        if (operation == TreeOperation.LEAF_REMOVE) {
            return;
        }
        out.putStopBit(valueLength).putBytes(value, valueLength);
        if (operation == TreeOperation.LEAF_RESTORE) {
            out.putLong(oldStamp);
        } else if (undoPart) {
            out.putByte(oldFlags);
            if (!oldAbsent()) {
                out.putLong(oldStamp).putStopBit(oldValueLength).putBytes(oldValue, oldValueLength);
            }
        }
    }

    /** Reads the body of a LEAF_PUT; addresses point into it. */
    void read(long body) {
        operation = TreeOperation.LEAF_PUT;
        int bits = Memory.getUnsignedByte(body);
        ghost = (bits & BIT_GHOST) != 0;
        undoable = (bits & BIT_UNDO) != 0;
        isLong = (bits & BIT_LONG) != 0;
        lock = (bits & BIT_LOCK) != 0;
        long at = readKey(body);
        valueLength = (int) StopBits.read(at);
        value = at + StopBits.length(valueLength);
        at = value + valueLength;
        readOld(at);
    }

    /** Reads tree and key of any change of a leaf entry; answers what is behind. */
    long readKey(long body) {
        long at = body + 1;
        slot = (int) StopBits.read(at) - 1;
        at += StopBits.length(slot + 1);
        treeId = StopBits.read(at);
        at += StopBits.length(treeId);
        keyLength = (int) StopBits.read(at);
        key = at + StopBits.length(keyLength);
        return key + keyLength;
    }

    private void readOld(long at) {
        oldStamp = 0;
        oldValueLength = 0;
        oldValue = at;
        if (undoable) {
            oldFlags = Memory.getUnsignedByte(at);
            if (!oldAbsent()) {
                oldStamp = Memory.getLong(at + 1);
                oldValueLength = (int) StopBits.read(at + 1 + Long.BYTES);
                oldValue = at + 1 + Long.BYTES + StopBits.length(oldValueLength);
            }
        }
    }

    /** Whether there was no entry. */
    boolean oldAbsent() {
        return (oldFlags & VersionStore.FLAG_ABSENT) != 0;
    }
}
