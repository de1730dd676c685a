package io.millrace.wal;

import io.millrace.error.MillraceException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The credits of the log: ring slots, and bytes of prepared segments (L13). All at once or none, taken before anything is latched; who finds
 * none waits in line as a continuation. Commit, rollback and restart have a share the others leave. Lock-free.
 *
 * <p>A record is charged its length and a block header, as if it were alone in its block; what the batch saved comes back after the write.
 */
final class Admission {
    private record Request(int slots, long bytes, long undoBytes, Share share, AdmissionWaiter waiter) {}

    private final LogRing ring;
    private final Executor executor;
    private final Supplier<MillraceException> refusal;
    private final AtomicLong freeSlots;
    private final AtomicLong freeBytes = new AtomicLong();
    private final AtomicLong undoReserve = new AtomicLong();
    private final AtomicLong serving = new AtomicLong();
    private final int reservedSlots;
    private final long reservedBytes;
    private final Queue<Request> normal = new ConcurrentLinkedQueue<>();
    private final Queue<Request> urgent = new ConcurrentLinkedQueue<>();

    /**
     * No bytes yet, all slots.
     *
     * @param refusal why nothing is admitted any more, or null
     */
    Admission(LogRing ring, long reservedBytes, Executor executor, Supplier<MillraceException> refusal) {
        this.ring = ring;
        this.executor = executor;
        this.refusal = refusal;
        this.reservedBytes = reservedBytes;
        freeSlots = new AtomicLong(ring.slots());
        reservedSlots = ring.slots() / 8;
    }

    boolean tryAdmit(int length, long undoBytes, Share share) {
        boolean first = share == Share.COMMIT ? urgent.isEmpty() : normal.isEmpty() && urgent.isEmpty();
        return first && refusal.get() == null && take(ring.slotsOf(length), charge(length), undoBytes, share);
    }

    private static long charge(int length) {
        return (long) length + BlockLayout.HEADER_LENGTH;
    }

    private boolean take(int slots, long bytes, long undoBytes, Share share) {
        int keepSlots = share == Share.COMMIT ? 0 : reservedSlots;
        if (!takeFrom(freeSlots, slots, keepSlots)) {
            return false;
        }
        long keepBytes = share == Share.COMMIT ? 0 : reservedBytes + undoReserve.get() + undoBytes;
        if (!takeFrom(freeBytes, bytes, keepBytes)) {
            freeSlots.addAndGet(slots);
            return false;
        }
        if (undoBytes != 0) {
            undoReserve.addAndGet(undoBytes);
        }
        return true;
    }

    private static boolean takeFrom(AtomicLong credits, long amount, long keep) {
        long current;
        do {
            current = credits.get();
            if (current - amount < keep) {
                return false;
            }
        } while (!credits.compareAndSet(current, current - amount));
        return true;
    }

    void await(int length, long undoBytes, Share share, AdmissionWaiter waiter) {
        Queue<Request> line = share == Share.COMMIT ? urgent : normal;
        line.add(new Request(ring.slotsOf(length), charge(length), undoBytes, share, waiter));
        serve();
    }

    void giveBack(int length, long undoBytes) {
        freeSlots.addAndGet(ring.slotsOf(length));
        freeBytes.addAndGet(charge(length));
        releaseUndo(undoBytes);
        serve();
    }

    void shrink(int heldLength, long heldUndo, int length, long undoBytes) {
        freeSlots.addAndGet((long) ring.slotsOf(heldLength) - ring.slotsOf(length));
        freeBytes.addAndGet((long) heldLength - length);
        releaseUndo(heldUndo - undoBytes);
    }

    void releaseUndo(long bytes) {
        if (bytes != 0) {
            undoReserve.addAndGet(-bytes);
        }
    }

    /** The log thread is done with a batch: slots come back, and the bytes the batch did not need. */
    void batchDone(long slots, long savedBytes) {
        freeSlots.addAndGet(slots);
        freeBytes.addAndGet(savedBytes);
        serve();
    }

    void addBytes(long bytes) {
        freeBytes.addAndGet(bytes);
        serve();
    }

    /** Bytes that must be kept prepared for what is already promised. */
    long promisedBytes() {
        return undoReserve.get() + reservedBytes;
    }

    long freeBytes() {
        return freeBytes.get();
    }

    boolean anybodyWaits() {
        return !normal.isEmpty() || !urgent.isEmpty();
    }

    /** Turns everybody in line away. */
    void refuseAll(MillraceException cause) {
        refuse(urgent, cause);
        refuse(normal, cause);
    }

    private void refuse(Queue<Request> line, MillraceException cause) {
        for (Request request = line.poll(); request != null; request = line.poll()) {
            AdmissionWaiter waiter = request.waiter;
            executor.execute(() -> waiter.refused(cause));
        }
    }

    /** Grants to those first in line while it lasts. Any thread; one at a time does the work, the others leave it a note. */
    void serve() {
        if (!anybodyWaits() || serving.getAndIncrement() != 0) {
            return;
        }
        long missed = 1;
        do {
            MillraceException cause = refusal.get();
            if (cause != null) {
                refuseAll(cause);
            } else {
                serve(urgent);
                if (urgent.isEmpty()) {
                    serve(normal);
                }
            }
            missed = serving.addAndGet(-missed);
        } while (missed != 0);
    }

    private void serve(Queue<Request> line) {
        for (Request request = line.peek(); request != null; request = line.peek()) {
            if (!take(request.slots, request.bytes, request.undoBytes, request.share)) {
                return;
            }
            line.poll();
            executor.execute(request.waiter::admitted);
        }
    }
}
