package io.millrace.wal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.dsl.ProducerType;
import io.millrace.common.Memory;

/**
 * The log ring: an LMAX Disruptor whose slots lie in one contiguous off-heap region. A record takes as many consecutive slots as it needs;
 * its LSN is {@code base} plus the sequence of its last slot, so claiming slots is claiming the LSN (D1). Producers hold credits for what they
 * claim, so a claim never fails and never waits.
 */
final class LogRing {
    private final RingBuffer<LogSlot> ring;
    private final long memory;
    private final int slots;
    private final int slotBytes;
    private final long base;

    LogRing(int slots, int slotBytes, long base, WaitStrategy signal) {
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.base = base;
        ring = RingBuffer.create(ProducerType.MULTI, LogSlot::new, slots, signal);
        memory = Memory.allocateOwned(this, (long) slots * slotBytes);
    }

    void gatedBy(Sequence consumer) {
        ring.addGatingSequences(consumer);
    }

    SequenceBarrier barrier() {
        return ring.newBarrier();
    }

    int slotsOf(int recordLength) {
        return (recordLength + slotBytes - 1) / slotBytes;
    }

    int slots() {
        return slots;
    }

    int slotBytes() {
        return slotBytes;
    }

    long base() {
        return base;
    }

    long offHeapBytes() {
        return (long) slots * slotBytes;
    }

    /** Claims slots for a record whose credits are held; answers its LSN. */
    long claim(int recordLength) {
        try {
            return base + ring.tryNext(slotsOf(recordLength));
        } catch (InsufficientCapacityException e) {
            throw new IllegalStateException("a record was claimed without credits", e);
        }
    }

    /** Copies a record to its slots, in two pieces where the ring wraps. */
    void copyIn(long lsn, int length, long source) {
        long first = lsn - base - slotsOf(length) + 1;
        long at = (first & (slots - 1)) * slotBytes;
        long untilEnd = (long) slots * slotBytes - at;
        if (length <= untilEnd) {
            Memory.copy(source, memory + at, length);
        } else {
            Memory.copy(source, memory + at, untilEnd);
            Memory.copy(source + untilEnd, memory, length - untilEnd);
        }
    }

    /** Copies the record that begins at slot {@code first} out to {@code target}. */
    void copyOut(long first, int length, long target) {
        long at = (first & (slots - 1)) * slotBytes;
        long untilEnd = (long) slots * slotBytes - at;
        if (length <= untilEnd) {
            Memory.copy(memory + at, target, length);
        } else {
            Memory.copy(memory + at, target, untilEnd);
            Memory.copy(memory, target + untilEnd, length - untilEnd);
        }
    }

    int lengthAt(long first) {
        return Memory.getInt(address(first) + RecordLayout.LENGTH);
    }

    int kindAt(long first) {
        return Memory.getUnsignedByte(address(first) + RecordLayout.KIND);
    }

    /** Overwrites the header of a claimed record: nothing of it counts. */
    void makeVoid(long lsn, int length) {
        long address = address(lsn - base - slotsOf(length) + 1);
        Memory.putInt(address + RecordLayout.LENGTH, length);
        Memory.putByte(address + RecordLayout.KIND, (byte) RecordKind.VOID.code());
        Memory.putByte(address + RecordLayout.FLAGS, (byte) 0);
        Memory.putShort(address + RecordLayout.CHANGE_COUNT, (short) 0);
    }

    private long address(long sequence) {
        return memory + (sequence & (slots - 1)) * slotBytes;
    }

    void waiter(long lsn, CommitWaiter waiter) {
        ring.get(lsn - base).waiter = waiter;
    }

    /** Whether somebody waits for the published record that ends at this sequence. */
    boolean hasWaiter(long sequence) {
        return ring.get(sequence).waiter != null;
    }

    /** The waiter of the record that ends at this sequence; taken out of the slot. */
    CommitWaiter takeWaiter(long sequence) {
        LogSlot slot = ring.get(sequence);
        CommitWaiter waiter = slot.waiter;
        if (waiter != null) {
            slot.waiter = null;
        }
        return waiter;
    }

    void publish(long lsn, int length) {
        long last = lsn - base;
        ring.publish(last - slotsOf(length) + 1, last);
    }

    long cursor() {
        return ring.getCursor();
    }

    boolean isPublished(long sequence) {
        return ring.isAvailable(sequence);
    }

    /** What one slot carries beside its bytes. */
    static final class LogSlot {
        private CommitWaiter waiter;
    }
}
