package io.millrace.wal;

import com.lmax.disruptor.Sequence;
import io.millrace.error.MillraceException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The credits of the log: ring slots, and bytes of prepared segments (L13). All at once or none, taken before anything is latched; who finds
 * none waits in line as a continuation. Commit, rollback and restart have a share the others leave. Lock-free.
 *
 * <p>A record is charged its length and a block header, as if it were alone in its block; what the batch saved comes back after the write.
 *
 * <pre>
 * slots    ring slots not promised; NORMAL leaves an eighth of the ring
 * bytes    bytes of prepared segments not promised to a record; never negative, so there is always a segment to write to
 * room     what NORMAL may take of them: bytes - share of COMMIT - undo reserve; below zero while rollbacks use what was reserved
 * </pre>
 */
final class Admission {
    private record Request(int slots, long bytes, long undoBytes, Share share, AdmissionWaiter waiter) {}

    private final LogRing ring;
    private final WalOptions options;
    private final Executor executor;
    private final Supplier<MillraceException> refusal;
    private final Sequence slots;
    private final Sequence bytes = new Sequence(0);
    private final Sequence room;
    private final AtomicLong serving = new AtomicLong();
    private final int reservedSlots;
    private final long reservedBytes;
    private final Queue<Request> normal = new ConcurrentLinkedQueue<>();
    private final Queue<Request> urgent = new ConcurrentLinkedQueue<>();
    private volatile MillraceException full;

    /**
     * No bytes yet, all slots.
     *
     * @param refusal why nothing is admitted any more, or null
     */
    Admission(LogRing ring, WalOptions options, Executor executor, Supplier<MillraceException> refusal) {
        this.ring = ring;
        this.options = options;
        this.executor = executor;
        this.refusal = refusal;
        reservedBytes = options.usableBytes() / 2;
        room = new Sequence(-reservedBytes);
        slots = new Sequence(ring.slots());
        reservedSlots = ring.slots() / 8;
    }

    boolean tryAdmit(int length, long undoBytes, Share share) {
        boolean first = share == Share.COMMIT ? urgent.isEmpty() : !anybodyWaits();
        if (!first || refusal.get() != null) {
            return false;
        }
        if (take(ring.slotsOf(length), options.charge(length), undoBytes, share)) {
            return true;
        }
        // What was taken for a moment and put back may have turned somebody else away.
        serve();
        return false;
    }

    private boolean take(int slotCount, long byteCount, long undoBytes, Share share) {
        boolean commit = share == Share.COMMIT;
        if (!takeFrom(slots, slotCount, commit ? 0 : reservedSlots)) {
            return false;
        }
        if (!takeFrom(bytes, byteCount, 0)) {
            slots.addAndGet(slotCount);
            return false;
        }
        if (commit) {
            room.addAndGet(-byteCount - undoBytes);
        } else if (!takeFrom(room, byteCount + undoBytes, 0)) {
            bytes.addAndGet(byteCount);
            slots.addAndGet(slotCount);
            return false;
        }
        return true;
    }

    private static boolean takeFrom(Sequence credits, long amount, long keep) {
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
        line.add(new Request(ring.slotsOf(length), options.charge(length), undoBytes, share, waiter));
        serve();
    }

    void giveBack(int length, long undoBytes) {
        give(ring.slotsOf(length), options.charge(length), undoBytes);
    }

    void shrink(int heldLength, long heldUndo, int length, long undoBytes) {
        give(
                (long) ring.slotsOf(heldLength) - ring.slotsOf(length),
                options.charge(heldLength) - options.charge(length),
                heldUndo - undoBytes);
    }

    void releaseUndo(long undoBytes) {
        if (undoBytes != 0) {
            give(0, 0, undoBytes);
        }
    }

    /** The log thread is done with a batch: slots come back, and the bytes the batch did not need. */
    void batchDone(long slotCount, long savedBytes) {
        give(slotCount, savedBytes, 0);
    }

    void addBytes(long byteCount) {
        full = null;
        give(0, byteCount, 0);
    }

    private void give(long slotCount, long byteCount, long undoBytes) {
        if (slotCount != 0) {
            slots.addAndGet(slotCount);
        }
        if (byteCount != 0) {
            bytes.addAndGet(byteCount);
        }
        if (byteCount + undoBytes != 0) {
            room.addAndGet(byteCount + undoBytes);
        }
        serve();
    }

    /** Bytes that NORMAL may still take; negative while the reserves are in use. */
    long freeBytes() {
        return room.get();
    }

    /** Slots that are promised, claimed, or not yet durable. */
    long heldSlots() {
        return ring.slots() - slots.get();
    }

    /** Bytes reserved for undoing, of which rollbacks have not yet used any. */
    long heldUndoBytes() {
        return bytes.get() - reservedBytes - room.get();
    }

    boolean anybodyWaits() {
        return !normal.isEmpty() || !urgent.isEmpty();
    }

    /**
     * No segment can be prepared: until {@link #addBytes}, new work that lacks bytes is turned away. What has a share of its own stays in line,
     * and so does who only lacks slots.
     */
    void refuseAll(MillraceException cause) {
        full = cause;
        serve();
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
                refuseAll(urgent, cause);
                refuseAll(normal, cause);
            } else if (serve(urgent)) {
                serve(normal);
            }
            missed = serving.addAndGet(-missed);
        } while (missed != 0);
    }

    /** True if nobody is left in this line. */
    private boolean serve(Queue<Request> line) {
        for (Request request = line.peek(); request != null; request = line.peek()) {
            if (take(request.slots, request.bytes, request.undoBytes, request.share)) {
                line.poll();
                execute(request.waiter::admitted);
                continue;
            }
            if (!lacksBytes(request)) {
                return false;
            }
            MillraceException cause = full;
            if (cause == null || request.share == Share.COMMIT) {
                return false;
            }
            line.poll();
            AdmissionWaiter waiter = request.waiter;
            execute(() -> waiter.refused(cause));
        }
        return true;
    }

    private boolean lacksBytes(Request request) {
        return bytes.get() < request.bytes
                || request.share == Share.NORMAL && room.get() < request.bytes + request.undoBytes;
    }

    private void refuseAll(Queue<Request> line, MillraceException cause) {
        for (Request request = line.poll(); request != null; request = line.poll()) {
            AdmissionWaiter waiter = request.waiter;
            execute(() -> waiter.refused(cause));
        }
    }

    private void execute(Runnable action) {
        try {
            executor.execute(action);
        } catch (RejectedExecutionException closed) {
            // The workers are gone: nobody's code runs there any more, and a waiter must not be forgotten.
            action.run();
        }
    }
}
