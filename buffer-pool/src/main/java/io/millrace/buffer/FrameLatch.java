package io.millrace.buffer;

import io.millrace.common.Memory;

/**
 * The latch of a frame: static functions on the address of a 64-bit word, nothing on the heap.
 *
 * <pre>
 *  63                              24  23  22          16 15               0
 *  +---------------------------------+---+--------------+------------------+
 *  | version (40), never 0           | X |      0       | shared count (16)|
 *  +---------------------------------+---+--------------+------------------+
 * </pre>
 *
 * <p><b>Optimistic.</b> {@link #stamp} is the version while nobody holds the latch exclusively; what was read since is true if
 * {@link #validate} says so. Shared holders do not disturb: they change nothing. A reader writes no shared memory.
 *
 * <p><b>Exclusive.</b> {@link #tryUpgrade} succeeds only from exactly the stamp given, so a plan made under it still holds.
 * {@link #releaseExclusive} raises the version; {@link #releaseUnchanged} does not: whoever read before and validates after is right, since
 * nothing was changed in between.
 *
 * <p><b>Shared.</b> For the page writer, which copies a page; refused while X is set, and X is refused while the count is not 0.
 *
 * <p>All words are 8-byte aligned. Nothing here waits but {@link #stamp}, which spins a bounded number of times.
 */
final class FrameLatch {
    static final long EXCLUSIVE = 1L << 23;

    private static final int VERSION_SHIFT = 24;
    private static final long VERSION_UNIT = 1L << VERSION_SHIFT;
    private static final long VERSION_MASK = -1L << VERSION_SHIFT;
    private static final long SHARED_MASK = 0xFFFFL;
    private static final int SPINS = 64;

    private FrameLatch() {}

    /** A free latch at its first version. */
    static void initialise(long word) {
        Memory.putLongRelease(word, VERSION_UNIT);
    }

    /** A stamp for optimistic reading; 0 if the latch is held exclusively and stays so for a moment. */
    static long stamp(long word) {
        long value = Memory.getLongAcquire(word);
        return (value & EXCLUSIVE) == 0 ? value & VERSION_MASK : spinForStamp(word);
    }

    /** Whether nothing has changed since {@code stamp}, a result of {@link #stamp} other than 0. */
    static boolean validate(long word, long stamp) {
        // The reads being validated must not move behind the read of the word.
        Memory.loadFence();
        return (Memory.getLong(word) & ~SHARED_MASK) == stamp;
    }

    /** Takes the latch exclusively if nothing has changed since {@code stamp} and nobody holds it in any mode. */
    static boolean tryUpgrade(long word, long stamp) {
        if (stamp == 0 || !Memory.compareAndSetLong(word, stamp, stamp | EXCLUSIVE)) {
            return false;
        }
        // Readers must see X before any of the changes made under it.
        Memory.storeFence();
        return true;
    }

    /** Takes the latch exclusively if nobody holds it in any mode. */
    static boolean tryExclusive(long word) {
        long value = Memory.getLongVolatile(word);
        return (value & (EXCLUSIVE | SHARED_MASK)) == 0 && tryUpgrade(word, value);
    }

    static boolean isExclusive(long word) {
        return (Memory.getLongVolatile(word) & EXCLUSIVE) != 0;
    }

    /** Gives the exclusive latch back; everybody's stamps are void. */
    static void releaseExclusive(long word) {
        long value = Memory.getLong(word);
        assert (value & EXCLUSIVE) != 0 : "not latched: " + Long.toHexString(value);
        long next = (value & VERSION_MASK) + VERSION_UNIT;
        Memory.putLongRelease(word, next == 0 ? VERSION_UNIT : next);
    }

    /** Gives the exclusive latch back under which nothing was changed: stamps stay true. */
    static void releaseUnchanged(long word) {
        long value = Memory.getLong(word);
        assert (value & EXCLUSIVE) != 0 : "not latched: " + Long.toHexString(value);
        Memory.putLongRelease(word, value & VERSION_MASK);
    }

    /** Takes the latch shared unless somebody holds it exclusively. */
    static boolean tryShared(long word) {
        long value = Memory.getLongVolatile(word);
        while ((value & EXCLUSIVE) == 0 && (value & SHARED_MASK) != SHARED_MASK) {
            if (Memory.compareAndSetLong(word, value, value + 1)) {
                return true;
            }
            value = Memory.getLongVolatile(word);
        }
        return false;
    }

    static void releaseShared(long word) {
        long before = Memory.getAndAddLong(word, -1);
        assert (before & SHARED_MASK) != 0 : "not latched shared: " + Long.toHexString(before);
    }

    /** Bounded: an exclusive latch is held for the length of a page edit (L6). A method of its own, so that BlockHound can be told. */
    private static long spinForStamp(long word) {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
            long value = Memory.getLongAcquire(word);
            if ((value & EXCLUSIVE) == 0) {
                return value & VERSION_MASK;
            }
        }
        return 0;
    }
}
