package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * No caller ever blocks (L7): whatever is subscribed on a thread that must not block calls nothing that blocks there, and a plain thread that
 * subscribes is never seen blocked or waiting. The store is several times larger than its pool and its ring is small, so that operations miss
 * pages, lack frames and wait for room in the log.
 */
@Tag("blockhound")
final class NonBlockingTest extends StoreTest {
    private static final int KEYS = 3_000;
    private static final int OPERATIONS = 1_500;
    private static final int IN_FLIGHT = 256;
    private static final String VALUE = "v".repeat(1_000);

    /** What was called where it must not be. */
    private static final Queue<Throwable> FINDINGS = new ConcurrentLinkedQueue<>();

    private static Scheduler callers;

    @BeforeAll
    static void watch() {
        BlockHound.builder()
                .loadIntegrations()
                .markAsBlocking("sun.nio.ch.FileChannelImpl", "read", "(Ljava/nio/ByteBuffer;J)I")
                .markAsBlocking("sun.nio.ch.FileChannelImpl", "write", "(Ljava/nio/ByteBuffer;J)I")
                .markAsBlocking("sun.nio.ch.FileChannelImpl", "force", "(Z)V")
                // Bounded to the length of a page edit on another core.
                .allowBlockingCallsInside("io.millrace.buffer.FrameLatch", "spinForStamp")
                .blockingMethodCallback(method -> FINDINGS.add(new IllegalStateException(method.toString())))
                .install();
        callers = Schedulers.newParallel("caller", 2);
    }

    @AfterAll
    static void endCallers() {
        callers.dispose();
    }

    @Override
    StoreOptions options() {
        return super.options()
                .with("buffer-pool.size", "1MiB")
                .with("wal.segment-size", "256KiB")
                .with("wal.ring-slots", "256")
                .with("transaction.lock-timeout", "30s");
    }

    @BeforeEach
    void fill() {
        await(Flux.range(0, KEYS)
                .flatMap(i -> map.put(inOrder(i), VALUE), IN_FLIGHT)
                .then());
        FINDINGS.clear();
    }

    private static String key(int number) {
        return inOrder(number * 7919 % KEYS);
    }

    private static String inOrder(int number) {
        return String.format("key%05d", number);
    }

    /** Subscribes to all of them on threads that must not block, {@link #IN_FLIGHT} at a time. */
    private static void onCallers(Flux<? extends Mono<?>> operations) {
        await(operations
                .flatMap(operation -> operation.subscribeOn(callers), IN_FLIGHT)
                .then());
        assertNothingFound();
    }

    private static void assertNothingFound() {
        Throwable first = FINDINGS.peek();
        if (first != null) {
            throw new AssertionError(FINDINGS.size() + " blocking calls on callers' threads", first);
        }
    }

    @Test
    void theWatchSeesWhatBlocks() {
        await(Mono.fromRunnable(() -> LockSupport.parkNanos(1)).subscribeOn(callers));
        assertFalse(FINDINGS.isEmpty());
    }

    @Test
    void readsThatHitAndMiss() {
        long misses = store.stats().pageMisses();
        onCallers(Flux.range(0, OPERATIONS).map(i -> map.get(key(i))));
        assertTrue(store.stats().pageMisses() > misses, "nothing was read from disk");
    }

    @Test
    void writesBeyondRingAndPool() {
        onCallers(Flux.range(0, OPERATIONS).map(i -> map.put(key(i), VALUE)));
        onCallers(Flux.range(0, OPERATIONS).map(i -> map.delete(key(i))));
        onCallers(Flux.range(0, OPERATIONS).map(i -> map.putIfAbsent(key(i), VALUE)));
    }

    @Test
    void contendedWrites() {
        OrderedMap<String, Long> counters = store.map("counters", Codecs.utf8(), Codecs.int64());
        onCallers(Flux.range(0, OPERATIONS)
                .map(i -> counters.compute("hot", (key, value) -> value == null ? 1 : value + 1)));
        assertEquals(OPERATIONS, await(counters.get("hot")));
        onCallers(Flux.range(0, OPERATIONS / 10)
                .map(i -> store.write(tx -> counters.in(tx)
                        .get("hot")
                        .flatMap(value -> counters.in(tx).put("hot", value + 1))
                        .then(map.in(tx).put(key(i), VALUE)))));
        assertEquals(OPERATIONS + OPERATIONS / 10, await(counters.get("hot")));
    }

    @Test
    void scansAndSnapshots() {
        onCallers(Flux.range(0, 50)
                .map(i -> map.scan(Range.<String>all().limit(500)).then()));
        onCallers(Flux.range(0, 20)
                .map(i -> map.scanBatches(Range.all(), 100).limitRate(1).then()));
        onCallers(Flux.range(0, 20)
                .map(i -> store.read(snapshot -> map.in(snapshot).count(Range.all()))
                        .then()));
        onCallers(Flux.range(0, 50).map(i -> map.deleteRange(Range.closed(key(i), key(i) + "0"))));
    }

    @Test
    void transactionsByHand() {
        onCallers(Flux.range(0, OPERATIONS / 10)
                .map(i -> store.begin(TransactionOptions.defaults())
                        .flatMap(tx -> map.in(tx)
                                .put(key(i), VALUE)
                                .then(i % 2 == 0 ? tx.commit().then() : tx.rollback()))));
    }

    @Test
    void openCheckpointAndClose() {
        onCallers(Flux.range(0, 5).map(i -> store.checkpoint()));
        onCallers(Flux.just(store.close()));
        onCallers(Flux.just(Store.open(options()).doOnNext(opened -> store = opened)));
        map = store.map("map", Codecs.utf8(), Codecs.utf8());
    }

    @Test
    void aSubscribingThreadIsNeverBlockedOrWaiting() throws InterruptedException {
        Semaphore room = new Semaphore(IN_FLIGHT);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<ThreadInfo> before = new AtomicReference<>();
        AtomicReference<ThreadInfo> after = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            before.set(self());
            for (int i = 0; i < OPERATIONS * 3; i++) {
                while (!room.tryAcquire()) {
                    Thread.onSpinWait();
                }
                Mono<?> operation = i % 3 == 0 ? map.put(key(i), VALUE) : map.get(key(i));
                operation.doFinally(signal -> room.release()).subscribe(value -> {}, failure::set);
            }
            after.set(self());
        });
        caller.start();
        caller.join();
        assertTrue(room.tryAcquire(IN_FLIGHT, PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(null, failure.get());
        assertEquals(before.get().getBlockedCount(), after.get().getBlockedCount(), "blocked");
        assertEquals(before.get().getWaitedCount(), after.get().getWaitedCount(), "waited");
    }

    private static ThreadInfo self() {
        return ManagementFactory.getThreadMXBean()
                .getThreadInfo(Thread.currentThread().getId());
    }

    /** Patience for what runs under the watch, which slows everything down. */
    static <T> T await(Mono<T> mono) {
        return mono.block(Duration.ofMinutes(2));
    }
}
