package io.millrace.testkit;

import io.millrace.common.EngineThreads;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A machine whose threads run one at a time, in an order drawn from a seed, by a clock of its own: the same seed gives the same run.
 *
 * <p>They are real threads, but only the one that holds the baton runs. At each park, unpark, start and join, and at each {@link #offer} and
 * {@link #rest} of the simulated disk, it may have to hand the baton on: to any thread that is not parked, whose park is over, or, now and then,
 * whose timed park ends early, as the contract allows. If all are parked, the clock jumps to the first that is due; if none ever is, that is a
 * deadlock: the run fails and shows every thread's stack. So does a run that does not end, or a thread that waits outside the door.
 *
 * <p>{@link #stop} is the end of the machine: from then on each call throws {@link SimulatedCrash}, and so the threads unwind, one after the
 * other, until none is left. One machine, one {@link #run}.
 */
public final class SimulatedThreads implements EngineThreads {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long STEP_LIMIT = 3_000_000;
    private static final int EARLY_WAKE = 256;
    private static final int LONGEST_STAY = 24;
    private static final long HASH_PRIME = 0x100_0000_01B3L;
    private static final int WATCHES = 10;

    private final SplittableRandom random;
    private final List<Strand> living = new ArrayList<>();
    private final List<Strand> candidates = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final int stay;
    // All of these belong to whoever holds the baton; handing it over publishes them.
    private long clock = 1;
    private long trace = HASH_PRIME;
    private int strands;
    private long taken;
    // The same, for those who watch.
    private volatile long steps;
    private volatile boolean stopped;
    private volatile Throwable failure;
    private volatile Strand running;
    private volatile long inner;

    /** A machine at rest. */
    public SimulatedThreads(long seed) {
        random = new SplittableRandom(seed);
        stay = 1 + random.nextInt(LONGEST_STAY);
    }

    /**
     * Runs {@code main} as the machine's first thread, and all that it starts, to the end of the last of them.
     *
     * @throws AssertionError if anything but {@link #stop} ended a thread, or nothing would end it
     */
    public void run(Runnable main) {
        Strand first = new Strand("main", main);
        living.add(first);
        first.start();
        first.takeTurn();
        awaitEnd();
        if (failure != null) {
            throw new AssertionError(failure.toString(), failure);
        }
    }

    private void awaitEnd() {
        long seen = -1;
        int idle = 0;
        try {
            while (!ended.await(1, TimeUnit.SECONDS)) {
                long now = 31 * steps + inner;
                idle = now == seen ? idle + 1 : 0;
                seen = now;
                if (idle == WATCHES) {
                    throw new AssertionError("a thread waits, or runs for ever, outside the door" + stacks());
                }
                if (idle == 0 && Thread.currentThread() instanceof Strand outer) {
                    // The machine in one of whose threads this one runs is alive as well.
                    outer.machine().inner = now;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("the simulation was interrupted", e);
        }
    }

    /** The machine stops: no thread gets any further. Called by the one that runs. */
    public void stop() {
        stopped = true;
    }

    /** Whether it has stopped, or failed. */
    public boolean isStopped() {
        return stopped;
    }

    /** The run has failed: the machine stops, and {@link #run} throws the first failure. */
    public void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        stopped = true;
    }

    /** A number that two runs share if they did the same in the same order. */
    public long trace() {
        return trace;
    }

    /** Enters something into the {@link #trace}. */
    public void note(long value) {
        trace = (trace ^ value) * HASH_PRIME;
        trace ^= trace >>> 29;
    }

    /** How often the baton was offered. */
    public long steps() {
        return steps;
    }

    /** Waits for the end of every other thread of the machine. */
    public void joinOthers() {
        Strand self = self();
        for (Strand other : List.copyOf(living)) {
            if (other != self) {
                join(other);
            }
        }
    }

    @Override
    public Thread start(String role, Runnable body) {
        check();
        Strand strand = new Strand(role, body);
        living.add(strand);
        strand.start();
        offer();
        return strand;
    }

    @Override
    public void join(Thread thread) {
        Strand self = self();
        Strand target = (Strand) thread;
        check();
        while (target != self && living.contains(target)) {
            self.joins = target;
            pass(self);
            self.joins = null;
            check();
        }
    }

    @Override
    public void park(Object blocker) {
        park(blocker, NEVER);
    }

    @Override
    public void park(Object blocker, long nanos) {
        Strand self = self();
        check();
        if (self.permit || nanos <= 0) {
            self.permit = false;
            offer();
            return;
        }
        self.parked = true;
        self.deadline = nanos == NEVER ? NEVER : clock + nanos;
        pass(self);
        self.parked = false;
        self.permit = false;
        check();
    }

    @Override
    public void unpark(Thread thread) {
        check();
        if (thread != null) {
            ((Strand) thread).permit = true;
        }
        offer();
    }

    @Override
    public long nanoTime() {
        if (Thread.currentThread() instanceof Strand) {
            check();
            clock += 20;
        }
        return clock;
    }

    @Override
    public long random() {
        check();
        return random.nextLong();
    }

    /** Another thread may run now. */
    public void offer() {
        check();
        Strand self = self();
        clock += 1 + random.nextInt(200);
        if (random.nextInt(stay) == 0) {
            pass(self);
            check();
        } else {
            step();
        }
    }

    /** As long as a device needs: the others run meanwhile. */
    public void rest(long nanos) {
        check();
        Strand self = self();
        self.resting = true;
        self.deadline = clock + nanos;
        pass(self);
        self.resting = false;
        check();
    }

    private void check() {
        if (stopped) {
            throw new SimulatedCrash("a call of its threads");
        }
    }

    private Strand self() {
        if (Thread.currentThread() instanceof Strand strand && strand.machine() == this) {
            return strand;
        }
        throw new IllegalStateException("not a thread of this machine: " + Thread.currentThread());
    }

    private void step() {
        taken++;
        steps = taken;
        if (taken > STEP_LIMIT) {
            fail(new AssertionError("the run does not end" + stacks()));
        }
    }

    /** Hands the baton to whoever is drawn, and returns when it is back. */
    private void pass(Strand self) {
        Strand next = choose();
        if (next != self) {
            next.takeTurn();
            self.awaitTurn();
        }
    }

    private Strand choose() {
        step();
        Strand next = stopped ? null : draw();
        if (next == null) {
            if (!stopped) {
                fail(new AssertionError("deadlock" + stacks()));
            }
            return living.get(living.size() - 1);
        }
        note(next.number);
        return next;
    }

    private Strand draw() {
        candidates.clear();
        long due = NEVER;
        for (Strand strand : living) {
            if (strand.isRunnable() || strand.naps() && random.nextInt(EARLY_WAKE) == 0) {
                candidates.add(strand);
            } else {
                due = Math.min(due, strand.due());
            }
        }
        if (!candidates.isEmpty()) {
            return candidates.get(random.nextInt(candidates.size()));
        }
        if (due == NEVER) {
            return null;
        }
        clock = Math.max(clock, due);
        return draw();
    }

    private String stacks() {
        StringBuilder text = new StringBuilder();
        List<Strand> all = new ArrayList<>(living);
        // Whoever runs is the most interesting.
        all.sort(Comparator.comparing(strand -> strand != running));
        for (Strand strand : all) {
            text.append("\n  ").append(strand.getName()).append(strand.parked ? " (parked)" : "");
            StackTraceElement[] stack = strand.getStackTrace();
            for (int i = 0; i < Math.min(stack.length, 16); i++) {
                text.append("\n      at ").append(stack[i]);
            }
        }
        return text.toString();
    }

    /** A thread of the machine. */
    private final class Strand extends Thread {
        private final Runnable body;
        private final int number = ++strands;
        private boolean permit;
        private boolean parked;
        private boolean resting;
        private long deadline;
        private Strand joins;
        private volatile boolean turn;

        Strand(String role, Runnable body) {
            super("simulated-" + role);
            this.body = body;
            setDaemon(true);
            setUncaughtExceptionHandler((thread, failed) -> died(failed));
        }

        SimulatedThreads machine() {
            return SimulatedThreads.this;
        }

        boolean isRunnable() {
            if (joins != null) {
                return !living.contains(joins);
            }
            return resting ? deadline <= clock : !parked || permit || deadline <= clock;
        }

        boolean naps() {
            return parked && deadline != NEVER;
        }

        long due() {
            return parked || resting ? deadline : NEVER;
        }

        void takeTurn() {
            running = this;
            turn = true;
            LockSupport.unpark(this);
        }

        void awaitTurn() {
            while (!turn) {
                LockSupport.park(this);
            }
            turn = false;
        }

        @Override
        public void run() {
            awaitTurn();
            try {
                if (!stopped) {
                    body.run();
                }
            } catch (Throwable thrown) {
                died(thrown);
            } finally {
                finish();
            }
        }

        private void died(Throwable thrown) {
            if (!stopped) {
                fail(thrown);
            }
        }

        private void finish() {
            living.remove(this);
            if (living.isEmpty()) {
                ended.countDown();
            } else {
                choose().takeTurn();
            }
        }
    }
}
