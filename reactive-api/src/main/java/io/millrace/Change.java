package io.millrace;

/** One thing that a {@link Commit} changed. Immutable but for its arrays, which are the receiver's own. */
public final class Change {
    /** What was done. */
    public enum Kind {
        /** The key has this value from now on. */
        PUT,
        /** The key has no value any more. */
        DELETE,
        /** The map is gone, with all its entries. */
        DROP,
        /** The map has another name from now on. */
        RENAME
    }

    private final Kind kind;
    private final String map;
    private final byte[] key;
    private final byte[] value;
    private final boolean oldKnown;
    private final byte[] oldValue;
    private final String newName;

    private Change(Kind kind, String map, byte[] key, byte[] value, boolean oldKnown, byte[] oldValue, String newName) {
        this.kind = kind;
        this.map = map;
        this.key = key;
        this.value = value;
        this.oldKnown = oldKnown;
        this.oldValue = oldValue;
        this.newName = newName;
    }

    static Change ofEntry(String map, byte[] key, byte[] value, boolean oldKnown, byte[] oldValue) {
        return new Change(value == null ? Kind.DELETE : Kind.PUT, map, key, value, oldKnown, oldValue, null);
    }

    static Change ofMap(String map, String newName) {
        return new Change(newName == null ? Kind.DROP : Kind.RENAME, map, null, null, false, null, newName);
    }

    /** What was done. */
    public Kind kind() {
        return kind;
    }

    /** Name of the map, as it was at that moment; of a {@link Kind#RENAME}, the former one. */
    public String map() {
        return map;
    }

    /** The key, as its codec has encoded it; null unless it is a {@link Kind#PUT} or {@link Kind#DELETE}. */
    public byte[] key() {
        return key;
    }

    /** The value of a {@link Kind#PUT}, as its codec has encoded it; else null. */
    public byte[] value() {
        return value;
    }

    /**
     * Whether the log tells what the value was before: of changes made in a transaction, whose rollback might have needed it, it does, unless that
     * was a value of more than a quarter of a page; of operations outside of one it does not.
     */
    public boolean isOldValueKnown() {
        return oldKnown;
    }

    /** The value before; null if there was none, or it is not known. */
    public byte[] oldValue() {
        return oldValue;
    }

    /** Of a {@link Kind#RENAME}, the new name; else null. */
    public String newName() {
        return newName;
    }

    /** For people: kind, map and lengths. */
    @Override
    public String toString() {
        return switch (kind) {
            case PUT -> "PUT " + map + " key of " + key.length + " bytes, value of " + value.length + " bytes";
            case DELETE -> "DELETE " + map + " key of " + key.length + " bytes";
            case DROP -> "DROP " + map;
            case RENAME -> "RENAME " + map + " to " + newName;
        };
    }
}
