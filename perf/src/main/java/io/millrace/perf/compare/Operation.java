package io.millrace.perf.compare;

/**
 * Something to be done.
 *
 * @param kind what
 * @param key with which key; a scan begins there, a transfer takes from there
 * @param value what to put; of a transfer the key that is given to; null else
 * @param limit entries of a scan
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares operations
public record Operation(Kind kind, byte[] key, byte[] value, int limit) {
    /** What can be done. */
    public enum Kind {
        /** Reads a value. */
        GET,
        /** Sets a value. */
        PUT,
        /** Reads some entries in order. */
        SCAN,
        /** Reads a value, then sets it, as YCSB does: without a transaction around both. */
        MODIFY,
        /** Moves one unit between two balances in a transaction. */
        TRANSFER
    }

    static Operation get(byte[] key) {
        return new Operation(Kind.GET, key, null, 0);
    }

    static Operation put(byte[] key, byte[] value) {
        return new Operation(Kind.PUT, key, value, 0);
    }

    static Operation scan(byte[] from, int limit) {
        return new Operation(Kind.SCAN, from, null, limit);
    }

    static Operation modify(byte[] key, byte[] value) {
        return new Operation(Kind.MODIFY, key, value, 0);
    }

    static Operation transfer(byte[] from, byte[] to) {
        return new Operation(Kind.TRANSFER, from, to, 0);
    }
}
