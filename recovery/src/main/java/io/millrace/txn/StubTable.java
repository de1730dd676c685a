package io.millrace.txn;

import io.millrace.common.Memory;
import io.millrace.wal.LogHold;
import java.util.Arrays;
import org.agrona.collections.LongArrayList;

/**
 * The stubs of one large transaction: for each version of somebody else's that it has overwritten, the LSN of the log record that holds this version,
 * by the hash of tree and key. Off-heap hash tables without deletion, each twice as large as the one before; so nothing is ever moved, and no key is
 * kept. A stub found may be that of another key: the record tells.
 *
 * <pre>
 * slot, 8 bytes: u8 part of the hash | u56 LSN; 0 if it is free, all bits of the LSN set if its stub was taken out
 * </pre>
 *
 * <p>The transaction's operations write, one after another; anybody reads, inside an epoch of the {@link VersionStore}.
 */
final class StubTable {
    private static final int FIRST_SLOTS = 1 << 9;
    private static final int MOST_SLOTS = 1 << 20;
    private static final int LSN_BITS = 56;
    private static final long LSN_MASK = (1L << LSN_BITS) - 1;

    /** One of the tables. */
    private record Part(long slots, long mask) {
        long bytes() {
            return (mask + 1) * Long.BYTES;
        }
    }

    private final long transactionId;
    private final LogHold hold;
    /** Replaced by the writer. */
    private volatile Part[] parts = {};
    // Of the writer.
    private long room;

    StubTable(long transactionId, LogHold hold) {
        this.transactionId = transactionId;
        this.hold = hold;
    }

    /** Whose overwritings these are. */
    long transactionId() {
        return transactionId;
    }

    /** Bytes needed for one more stub, 0 if there is room. */
    long missingBytes() {
        return room > 0 ? 0 : slotsOfNext() * Long.BYTES;
    }

    private long slotsOfNext() {
        return Math.min(MOST_SLOTS, (long) FIRST_SLOTS << Math.min(parts.length, 20));
    }

    /** Makes the room that is missing. */
    void grow() {
        long slots = slotsOfNext();
        Part[] more = Arrays.copyOf(parts, parts.length + 1);
        more[parts.length] = new Part(Memory.allocateZeroed(slots * Long.BYTES), slots - 1);
        parts = more;
        room = slots / 4 * 3;
    }

    /** Called between claim and publish; there is room. */
    void add(long hash, long lsn) {
        Part part = parts[parts.length - 1];
        long slot = hash & part.mask;
        while (Memory.getLong(part.slots + slot * Long.BYTES) != 0) {
            slot = slot + 1 & part.mask;
        }
        Memory.putLongRelease(part.slots + slot * Long.BYTES, tag(hash) | lsn);
        room--;
    }

    /** Takes a stub out, if it is there: its change is being undone. Called between claim and publish. */
    void remove(long hash, long lsn) {
        for (Part part : parts) {
            long slot = hash & part.mask;
            long entry = Memory.getLong(part.slots + slot * Long.BYTES);
            while (entry != 0) {
                if (entry == (tag(hash) | lsn)) {
                    Memory.putLongRelease(part.slots + slot * Long.BYTES, LSN_MASK);
                    return;
                }
                slot = slot + 1 & part.mask;
                entry = Memory.getLong(part.slots + slot * Long.BYTES);
            }
        }
    }

    /** Adds the LSNs of all stubs that may be those of a key with this hash. */
    void find(long hash, LongArrayList found) {
        for (Part part : parts) {
            long slot = hash & part.mask;
            long entry = Memory.getLongAcquire(part.slots + slot * Long.BYTES);
            while (entry != 0) {
                if ((entry & ~LSN_MASK) == tag(hash) && (entry & LSN_MASK) != LSN_MASK) {
                    found.addLong(entry & LSN_MASK);
                }
                slot = slot + 1 & part.mask;
                entry = Memory.getLongAcquire(part.slots + slot * Long.BYTES);
            }
        }
    }

    private static long tag(long hash) {
        return hash & ~LSN_MASK;
    }

    /** The log is no longer needed. */
    void releaseLog() {
        hold.close();
    }

    /** Gives back the memory; nobody reads any more. Answers the bytes. */
    long free() {
        long bytes = 0;
        for (Part part : parts) {
            bytes += part.bytes();
            Memory.free(part.slots);
        }
        parts = new Part[0];
        return bytes;
    }
}
