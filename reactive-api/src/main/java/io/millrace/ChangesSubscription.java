package io.millrace;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * A change stream and its subscription. It reads the log when there is demand and nothing left of what was read before; at the end of the durable
 * log it waits, as a continuation, until there is more.
 *
 * <p>Everything happens in {@link #drain}, which one thread at a time runs, others leave it work; while the log is read, or waited for, it does
 * nothing but wait to be called by the end of that.
 */
final class ChangesSubscription implements Subscription, OpenWork {
    private final StoreEngine store;
    private final ChangeStreams streams;
    private final long afterLsn;
    private final CoreSubscriber<? super Commit> actual;
    private final AtomicLong requested = new AtomicLong();
    /** Stands at one until {@link #subscribed}. */
    private final AtomicInteger work = new AtomicInteger(1);

    /** Any thread sets these, the drain reads them. */
    private volatile boolean cancelled;

    private volatile Throwable intrusion;

    /** Whether the log is read or waited for; the drain sets it, the end of that clears it. */
    private volatile boolean reading;

    // Touched by the reading thread while it is reading, else by the drain.
    private final ArrayDeque<Commit> read = new ArrayDeque<>();
    private ChangeFeed feed;
    private Throwable failure;

    // Touched by the drain only.
    private boolean over;
    private boolean entered;
    private long number;

    ChangesSubscription(StoreEngine store, long afterLsn, CoreSubscriber<? super Commit> actual) {
        this.store = store;
        this.afterLsn = afterLsn;
        this.actual = actual;
        streams = store.changeStreams();
    }

    /** Called once, after {@code onSubscribe}; before that nothing happens. */
    void subscribed() {
        if (!store.gate().enter()) {
            over = true;
            if (!cancelled) {
                actual.onError(store.closedError());
            }
            return;
        }
        number = store.openWork().add(this);
        try {
            if (afterLsn < 0) {
                throw new IllegalArgumentException("no LSN is below 0: " + afterLsn);
            }
            streams.enter();
            entered = true;
            feed = new ChangeFeed(store, afterLsn);
        } catch (RuntimeException flaw) {
            failure = flaw;
        }
        store.openWork().checkOpen(this);
        drainOn();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            intrude(new IllegalArgumentException("a subscriber must request more than 0, not " + n));
        } else {
            requested.accumulateAndGet(n, Operators::addCap);
            drain();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        interruptWait();
    }

    @Override
    public void storeCloses() {
        store.workers().execute(() -> intrude(store.closedError()));
    }

    private void intrude(Throwable cause) {
        intrusion = cause;
        interruptWait();
    }

    private void interruptWait() {
        if (streams.withdraw(this)) {
            reading = false;
        }
        drain();
    }

    private void drain() {
        if (work.getAndIncrement() == 0) {
            drainOn();
        }
    }

    private void drainOn() {
        int seen = work.get();
        do {
            if (!over && !reading) {
                advance();
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    /** Emits what may be emitted, then ends, or reads on, or rests. */
    private void advance() {
        long demand = requested.get();
        long emitted = 0;
        while (emitted < demand && !cancelled && intrusion == null && !read.isEmpty()) {
            actual.onNext(read.poll());
            emitted++;
        }
        if (emitted > 0 && demand != Long.MAX_VALUE) {
            requested.addAndGet(-emitted);
        }
        if (cancelled) {
            end(null);
        } else if (intrusion != null) {
            end(intrusion);
        } else if (read.isEmpty()) {
            if (failure != null) {
                end(failure);
            } else if (emitted < demand) {
                reading = true;
                readOn();
            }
        }
    }

    private void end(Throwable cause) {
        over = true;
        read.clear();
        store.openWork().remove(number);
        if (feed != null) {
            feed.release();
        }
        streams.execute(this::leave);
        if (cause != null) {
            actual.onError(cause);
        }
    }

    private void leave() {
        try {
            if (feed != null) {
                feed.close();
            }
        } catch (IOException ignored) {
            // It was open for reading only.
        } finally {
            if (entered) {
                streams.leave();
            }
            store.gate().leave();
        }
    }

    /** Goes on reading; the drain has seen to it that nobody else does. */
    void readOn() {
        streams.execute(this::read);
    }

    private void read() {
        try {
            boolean more = feed.advance(read);
            if (!read.isEmpty() || isWanted()) {
                readEnded(null);
            } else if (more) {
                // Others have their turn first.
                readOn();
            } else {
                await();
            }
        } catch (IOException | RuntimeException | Error thrown) {
            readEnded(StoreOpening.translate("read the log", thrown));
        }
    }

    private boolean isWanted() {
        return cancelled || intrusion != null;
    }

    private void await() {
        streams.await(this, feed.wantedLsn());
        // Whoever wanted it to end before it was in line did not find it there.
        if (isWanted() && streams.withdraw(this)) {
            readEnded(null);
        }
    }

    /** The log has been read up to something to emit, or not at all. */
    void readEnded(Throwable cause) {
        if (cause != null) {
            failure = cause;
        }
        store.workers().execute(() -> {
            reading = false;
            drain();
        });
    }
}
