package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.VersionStore;

/**
 * What a record of the log says about one entry of a tree, for those who read the log as a history of entries. A flyweight over the record's
 * current change, valid as long as that; what it answers is a copy. One thread at a time.
 */
public final class LoggedChange {
    private final LeafChange change = new LeafChange();

    /**
     * Goes to the record's current change; false if that gives no entry another value: it changes the tree's structure, or locks a key, or notes
     * the highest number of a tree.
     */
    public boolean read(LoggedRecord record) {
        if (record.changeOperation() != TreeOperation.LEAF_PUT.code()) {
            return false;
        }
        change.read(record.changeBody());
        return !change.lock && !isMark();
    }

    private boolean isMark() {
        return ofCatalogue() && Catalogue.isMark(change.key, change.keyLength);
    }

    /** Goes to the record's current change; false if that concerns no single entry. After it only tree and key are known. */
    public boolean readKey(LoggedRecord record) {
        int operation = record.changeOperation();
        boolean entry = operation == TreeOperation.LEAF_PUT.code()
                || operation == TreeOperation.LEAF_RESTORE.code()
                || operation == TreeOperation.LEAF_REMOVE.code();
        if (entry) {
            change.readKey(record.changeBody());
        }
        return entry;
    }

    /** The name of an operation code, for people. */
    public static String operation(int code) {
        return switch (code) {
            case SpaceMap.SET -> "SPACE_SET";
            case SpaceMap.CLEAR -> "SPACE_CLEAR";
            case SpaceMap.PEND -> "SPACE_PEND";
            case SpaceMap.ERASE -> "ERASE";
            default -> TreeOperation.of(code).name();
        };
    }

    /** Whether it only locks the key. */
    public boolean locks() {
        return change.lock;
    }

    /** The tree. */
    public long treeId() {
        return change.treeId;
    }

    /** Whether the entry is one of the catalogue: a map comes, goes, or gets another name. */
    public boolean ofCatalogue() {
        return change.treeId == Catalogue.TREE_ID;
    }

    /** Whether there is no value any more. */
    public boolean deletes() {
        return change.ghost;
    }

    /** The key. */
    public byte[] key() {
        return copy(change.key, change.keyLength);
    }

    /** The value there is now; null if there is none, or it is a long one. */
    public byte[] value() {
        return change.ghost || isLong() ? null : copy(change.value, change.valueLength);
    }

    /** Whether the value is a long one. */
    public boolean isLong() {
        return change.isLong && change.valueLength == LongValueLayout.REFERENCE_BYTES;
    }

    /** The long value. */
    public LoggedLongValue longValue() {
        return LoggedLongValue.of(change.value);
    }

    /** The first LSN of the records that have the long value, which is linked by this; {@link Long#MAX_VALUE} if that is not known. */
    public long longValueLsn(PendingLongValues passed) {
        return passed.linked(LongValueLayout.head(change.value));
    }

    /** Whether the record says what the value was before; of a long one it has only the place. */
    public boolean knowsOldValue() {
        return change.undoable && (change.oldFlags & VersionStore.FLAG_LONG) == 0;
    }

    /** The value there was before; null if there was none, or the log does not say. */
    public byte[] oldValue() {
        return change.undoable && change.oldFlags == 0 ? copy(change.oldValue, change.oldValueLength) : null;
    }

    /** Of the catalogue: the name of the map. */
    public String mapName() {
        return Catalogue.name(change.key, change.keyLength);
    }

    /** Of the catalogue: the tree that has the name now or, if it {@link #deletes}, had it. 0 if the log does not say. */
    public long mapTree() {
        TreeRef tree = change.ghost
                ? Catalogue.tree(change.oldValue, change.undoable ? change.oldValueLength : 0)
                : Catalogue.tree(change.value, change.valueLength);
        return tree == null ? 0 : tree.treeId();
    }

    private static byte[] copy(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }
}
