package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.StoreClosedException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Demand, threads, cancellation and closing, as seen by a subscriber that is no operator. */
final class ReactiveRulesTest extends StoreTest {
    /** Notes what it is told, and on which thread. */
    private static final class Probe<T> implements Subscriber<T> {
        private final List<T> values = new CopyOnWriteArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private final long demand;
        private volatile Subscription subscription;
        private volatile Throwable error;
        private volatile Thread thread;

        Probe(long demand) {
            this.demand = demand;
        }

        /** Subscribed, nothing requested. */
        static <T> Probe<T> on(Publisher<T> publisher) {
            Probe<T> probe = new Probe<>(0);
            publisher.subscribe(probe);
            return probe;
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            if (demand > 0) {
                given.request(demand);
            }
        }

        @Override
        public void onNext(T value) {
            values.add(value);
        }

        @Override
        public void onError(Throwable cause) {
            error = cause;
            thread = Thread.currentThread();
            ended.countDown();
        }

        @Override
        public void onComplete() {
            thread = Thread.currentThread();
            ended.countDown();
        }

        Probe<T> awaitEnd() throws InterruptedException {
            assertTrue(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS), "no end was signalled");
            return this;
        }

        boolean hasEnded() {
            return ended.getCount() == 0;
        }
    }

    @Test
    void resultsAreHeldUntilRequested() throws InterruptedException {
        await(map.put("a", "1"));
        Probe<String> probe = Probe.on(map.get("a"));
        assertTrue(probe.values.isEmpty() && !probe.hasEnded());
        probe.subscription.request(1);
        assertEquals(List.of("1"), probe.awaitEnd().values);
        probe.subscription.request(1);
        assertEquals(1, probe.values.size());
        Probe<Boolean> write = Probe.on(map.delete("a"));
        awaitQuiet();
        assertTrue(!write.hasEnded());
        write.subscription.request(Long.MAX_VALUE);
        assertEquals(List.of(true), write.awaitEnd().values);
    }

    @Test
    void emptyResultsAndErrorsNeedNoDemand() throws InterruptedException {
        assertNull(Probe.on(map.get("absent")).awaitEnd().error);
        assertNull(Probe.on(map.put("a", "1")).awaitEnd().error);
        assertInstanceOf(NullPointerException.class, Probe.on(map.get(null)).awaitEnd().error);
        assertInstanceOf(NullPointerException.class, Probe.on(map.scan(null)).awaitEnd().error);
    }

    @Test
    void demandThatIsNoneIsAnError() throws InterruptedException {
        await(map.put("a", "1"));
        for (Publisher<?> publisher : List.of(map.get("a"), map.delete("absent"), map.scan(Range.all()))) {
            Probe<?> probe = Probe.on(publisher);
            assertTrue(!probe.hasEnded());
            probe.subscription.request(0);
            assertInstanceOf(IllegalArgumentException.class, probe.awaitEnd().error);
            probe.subscription.request(1);
            assertTrue(probe.values.isEmpty());
        }
    }

    @Test
    void cancelledSubscribersHearNothing() throws InterruptedException {
        await(map.put("a", "1"));
        Probe<String> probe = Probe.on(map.get("a"));
        probe.subscription.cancel();
        probe.subscription.cancel();
        probe.subscription.request(1);
        assertTrue(!probe.hasEnded() && probe.values.isEmpty());
    }

    @Test
    void residentReadsSignalOnTheSubscribingThread() throws InterruptedException {
        await(map.put("a", "1"));
        assertSame(Thread.currentThread(), signalledOn(map.get("a")));
        assertSame(Thread.currentThread(), signalledOn(map.scan(Range.all())));
        assertSame(Thread.currentThread(), signalledOn(map.count(Range.all())));
        assertSame(
                Thread.currentThread(),
                signalledOn(store.read(snapshot -> map.in(snapshot).get("a"))));
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        assertSame(Thread.currentThread(), signalledOn(map.in(tx).put("b", "1")));
        assertSame(Thread.currentThread(), signalledOn(tx.rollback()));
    }

    @Test
    void whatWaitedSignalsOnWorkers() throws InterruptedException {
        for (Publisher<?> publisher : List.of(
                map.put("a", "1"),
                map.delete("a"),
                map.compute("a", (k, v) -> "2"),
                store.write(tx -> map.in(tx).put("a", "3").thenReturn(1)),
                map.deleteRange(Range.all()),
                store.checkpoint())) {
            assertTrue(signalledOn(publisher).getName().startsWith("millrace-worker"), publisher::toString);
        }
    }

    private static <T> Thread signalledOn(Publisher<T> publisher) throws InterruptedException {
        Probe<T> probe = new Probe<>(Long.MAX_VALUE);
        publisher.subscribe(probe);
        assertNull(probe.awaitEnd().error);
        return probe.thread;
    }

    @Test
    void transactionSignalsStayOnTheirThreads() throws InterruptedException {
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        List<String> foreign = new CopyOnWriteArrayList<>();
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            int number = t;
            threads[t] = new Thread(() -> {
                Thread self = Thread.currentThread();
                for (int i = 0; i < 300; i++) {
                    map.in(tx)
                            .put("k" + number + "." + i, "v")
                            .doOnTerminate(() -> {
                                Thread here = Thread.currentThread();
                                if (here != self && !here.getName().startsWith("millrace-worker")) {
                                    foreign.add(here.getName());
                                }
                            })
                            .subscribe();
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        await(tx.commit());
        assertEquals(List.of(), foreign);
        assertEquals(1200, await(map.count(Range.all())));
    }

    @Test
    void blockingOnTheOwnTransactionInsideASignalWorks() {
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        AtomicReference<String> inner = new AtomicReference<>();
        await(map.in(tx)
                .put("a", "1")
                .then(Mono.fromRunnable(() -> inner.set(await(map.in(tx).get("a"))))));
        assertEquals("1", inner.get());
        await(tx.commit());
    }

    @Test
    void deepPipelinesNeedNoStack() {
        await(map.put("a", "1"));
        assertEquals(
                50_000, await(Flux.range(0, 50_000).concatMap(i -> map.get("a")).count()));
        assertEquals(20_000L, (long) await(store.write(tx -> Flux.range(0, 20_000)
                .concatMap(i -> map.in(tx).put("k" + i % 100, "v").thenReturn(i))
                .count())));
    }

    @Test
    void closeEndsWhatIsOpen() throws InterruptedException {
        await(Flux.range(0, 1000).flatMap(i -> map.put("k" + i, "v"), 100).then());
        Probe<Entry<String, String>> scan = Probe.on(map.scan(Range.all()));
        scan.subscription.request(3);
        Transaction tx = await(store.begin(TransactionOptions.defaults()));
        await(map.in(tx).put("k1", "changed"));
        Probe<Void> waiting = Probe.on(map.put("k1", "waits"));
        Probe<String> read =
                Probe.on(store.read(snapshot -> map.in(snapshot).get("k1").then(Mono.never())));
        read.subscription.request(1);
        await(store.close());
        assertInstanceOf(StoreClosedException.class, scan.awaitEnd().error);
        assertEquals(3, scan.values.size());
        waiting.awaitEnd();
        assertThrows(StoreClosedException.class, () -> await(tx.commit()));
        read.subscription.cancel();
        assertEquals(Set.of(), engineThreads());
        open();
        assertEquals(waiting.error == null ? "waits" : "v", await(map.get("k1")));
        assertTrue(store.recoveryReport().cleanClose());
    }

    private static Set<String> engineThreads() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Set<String> names;
        do {
            names = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("millrace-") && !name.equals("millrace-close"))
                    .collect(Collectors.toSet());
        } while (!names.isEmpty() && System.nanoTime() < deadline);
        return names;
    }
}
