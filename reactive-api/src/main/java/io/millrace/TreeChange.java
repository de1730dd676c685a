package io.millrace;

import io.millrace.btree.LoggedChange;
import io.millrace.btree.LoggedLongValue;
import io.millrace.btree.PendingLongValues;

/** A {@link Change} before it is known which name its map had. */
final class TreeChange {
    private static final long OVERHEAD = 96;

    private final long tree;
    private final Change change;
    private final LoggedLongValue longValue;
    private final long neededLsn;

    private TreeChange(long tree, Change change, LoggedLongValue longValue, long neededLsn) {
        this.tree = tree;
        this.change = change;
        this.longValue = longValue;
        this.neededLsn = neededLsn;
    }

    /** The change of an entry; a long value stays in the log until it is wanted. */
    static TreeChange ofEntry(LoggedChange logged, PendingLongValues passed) {
        Change change = Change.ofEntry(null, logged.key(), logged.value(), logged.knowsOldValue(), logged.oldValue());
        return logged.isLong()
                ? new TreeChange(logged.treeId(), change, logged.longValue(), logged.longValueLsn(passed))
                : new TreeChange(logged.treeId(), change, null, Long.MAX_VALUE);
    }

    /** The map is dropped, or renamed if there is a new name. */
    static TreeChange ofMap(String name, String newName) {
        return new TreeChange(0, Change.ofMap(name, newName), null, Long.MAX_VALUE);
    }

    /** The tree whose entry it changes, 0 for none. */
    long tree() {
        return tree;
    }

    /** About how much memory it takes. */
    long bytes() {
        return OVERHEAD + length(change.key()) + length(change.value()) + length(change.oldValue());
    }

    private static int length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /** The long value that it writes, null if it writes none. */
    LoggedLongValue longValue() {
        return longValue;
    }

    /** The log is needed from here on for the long value. */
    long neededLsn() {
        return neededLsn;
    }

    /** The change, of the map with this name. */
    Change named(String map, byte[] itsLongValue) {
        byte[] value = longValue == null ? change.value() : itsLongValue;
        return tree == 0
                ? change
                : Change.ofEntry(map, change.key(), value, change.isOldValueKnown(), change.oldValue());
    }
}
