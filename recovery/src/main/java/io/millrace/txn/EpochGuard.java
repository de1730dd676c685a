package io.millrace.txn;

import io.millrace.common.Memory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread free memory that others may still be reading: two sets of striped reader counters, one per parity of the epoch. A reader
 * counts itself into the current epoch; the freeing thread moves the epoch on and frees what it unlinked before once the old parity has
 * no readers left (Fraser's epoch-based reclamation, with one writer).
 */
final class EpochGuard {
    private static final int STRIPES = 16;
    private static final int STRIPE_BYTES = 128;

    private final long counters = Memory.allocateOwned(this, 2L * STRIPES * STRIPE_BYTES);
    private final AtomicInteger epoch = new AtomicInteger();

    /** Enters the current epoch; the answer goes to {@link #exit}. Never waits. */
    int enter() {
        int stripe = (int) (Thread.currentThread().getId() & (STRIPES - 1));
        while (true) {
            int parity = epoch.get() & 1;
            int ticket = parity * STRIPES + stripe;
            Memory.getAndAddLong(counter(ticket), 1);
            if ((epoch.get() & 1) == parity) {
                return ticket;
            }
            Memory.getAndAddLong(counter(ticket), -1);
        }
    }

    void exit(int ticket) {
        Memory.getAndAddLong(counter(ticket), -1);
    }

    /** Moves the epoch on; only one thread may call it, and only when {@link #drained} has said yes to the former one. */
    void advance() {
        epoch.incrementAndGet();
    }

    /** Whether nobody is left in the epoch before the current one. */
    boolean drained() {
        int parity = epoch.get() + 1 & 1;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            if (Memory.getLongVolatile(counter(parity * STRIPES + stripe)) != 0) {
                return false;
            }
        }
        return true;
    }

    private long counter(int ticket) {
        return counters + (long) ticket * STRIPE_BYTES;
    }
}
