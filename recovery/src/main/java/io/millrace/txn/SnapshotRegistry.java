package io.millrace.txn;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.StoreOverloadedException;
import java.util.function.LongSupplier;

/**
 * The open snapshots: a slot each, striped by thread, off-heap. Begin (D2): publish the durable LSN in a slot of one's own, fence, check
 * the purge horizon, repeat if it has passed. So either the purger sees the slot, or the newcomer sees the horizon.
 */
public final class SnapshotRegistry {
    private static final int SLOT_BYTES = 16;
    private static final int SINCE = 8;
    private static final long FREE = 0;

    private final int capacity;
    private final long slots;
    private final LongSupplier durableLsn;
    private final VersionStore versions;
    private final EngineThreads threads;
    private volatile long lowWatermark;

    /** A registry of {@code capacity} slots. */
    public SnapshotRegistry(int capacity, LongSupplier durableLsn, VersionStore versions, EngineThreads threads) {
        this.capacity = capacity;
        this.durableLsn = durableLsn;
        this.versions = versions;
        this.threads = threads;
        slots = Memory.allocateOwned(this, (long) capacity * SLOT_BYTES);
    }

    /**
     * Registers a snapshot at the durable LSN. Never waits.
     *
     * @return the slot, to be given to {@link #lsn} and {@link #release}
     * @throws StoreOverloadedException if every slot is taken
     */
    public int register() {
        int start = (int) ((Thread.currentThread().getId() * 0x9E3779B97F4A7C15L >>> 33) % capacity);
        for (int i = 0; i < capacity; i++) {
            int slot = start + i < capacity ? start + i : start + i - capacity;
            long address = address(slot);
            if (Memory.getLongVolatile(address) == FREE
                    && Memory.compareAndSetLong(address, FREE, durableLsn.getAsLong() + 1)) {
                settle(address);
                // Odd, so that 0 stands for a snapshot of this moment.
                Memory.putLongVolatile(address + SINCE, threads.nanoTime() | 1);
                return slot;
            }
        }
        throw new StoreOverloadedException("open snapshots (transaction.max-snapshots=" + capacity + ")");
    }

    private void settle(long address) {
        Memory.fullFence();
        while (Memory.getLongVolatile(address) - 1 < versions.horizon()) {
            Memory.putLongVolatile(address, durableLsn.getAsLong() + 1);
            Memory.fullFence();
        }
    }

    /** The LSN registered in {@code slot}. */
    public long lsn(int slot) {
        return Memory.getLong(address(slot)) - 1;
    }

    /** Frees {@code slot}. */
    public void release(int slot) {
        Memory.putLongVolatile(address(slot) + SINCE, 0);
        Memory.putLongVolatile(address(slot), FREE);
    }

    /**
     * Oldest LSN that some readable snapshot may still need: the durable LSN read first, or an older snapshot. Moves the purge horizon to
     * that durable LSN before it reads the slots, so that no newcomer can slip in below. Called by the purger only.
     */
    public long refreshLowWatermark() {
        long minimum = durableLsn.getAsLong();
        long floor = versions.minReadable();
        versions.horizon(minimum);
        Memory.fullFence();
        for (int slot = 0; slot < capacity; slot++) {
            long lsn = Memory.getLongVolatile(address(slot)) - 1;
            if (lsn >= floor && lsn < minimum) {
                minimum = lsn;
            }
        }
        lowWatermark = Math.max(lowWatermark, minimum);
        return lowWatermark;
    }

    /** The low watermark as of the last {@link #refreshLowWatermark}; never too high. */
    public long lowWatermark() {
        return lowWatermark;
    }

    /** Copies the LSNs of readable open snapshots to {@code target}, which is at least as large as the registry. */
    int collect(long[] target) {
        int count = 0;
        long floor = versions.minReadable();
        for (int slot = 0; slot < capacity; slot++) {
            long lsn = Memory.getLongVolatile(address(slot)) - 1;
            if (lsn >= 0 && lsn >= floor) {
                target[count++] = lsn;
            }
        }
        return count;
    }

    /**
     * The oldest LSN that is to be readable if snapshots older than {@code maxAgeNanos} may keep nothing any more; 0 if there are none. Those that are
     * not older stay readable, and so does the present.
     */
    long readableFrom(long maxAgeNanos) {
        long now = threads.nanoTime();
        long from = 0;
        long atMost = durableLsn.getAsLong();
        for (int slot = 0; slot < capacity; slot++) {
            long lsn = Memory.getLongVolatile(address(slot)) - 1;
            if (lsn >= 0) {
                long since = Memory.getLongVolatile(address(slot) + SINCE);
                if (since != 0 && now - since > maxAgeNanos) {
                    from = Math.max(from, lsn + 1);
                } else {
                    atMost = Math.min(atMost, lsn);
                }
            }
        }
        return Math.min(from, atMost);
    }

    /** Number of open snapshots. */
    public int open() {
        int count = 0;
        for (int slot = 0; slot < capacity; slot++) {
            if (Memory.getLongVolatile(address(slot)) != FREE) {
                count++;
            }
        }
        return count;
    }

    /** Age of the oldest open snapshot in nanoseconds, 0 if there is none. */
    public long oldestAgeNanos() {
        long now = threads.nanoTime();
        long age = 0;
        for (int slot = 0; slot < capacity; slot++) {
            long since = Memory.getLongVolatile(address(slot) + SINCE);
            if (since != 0) {
                age = Math.max(age, now - since);
            }
        }
        return age;
    }

    int capacity() {
        return capacity;
    }

    private long address(int slot) {
        return slots + (long) slot * SLOT_BYTES;
    }
}
