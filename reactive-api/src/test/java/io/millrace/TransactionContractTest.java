package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.DeadlockException;
import io.millrace.error.LimitExceededException;
import io.millrace.error.LockTimeoutException;
import io.millrace.error.MillraceException;
import io.millrace.error.TransactionConflictException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Transactions and snapshots. */
final class TransactionContractTest extends StoreTest {
    private Transaction begin() {
        return await(store.begin(TransactionOptions.defaults()));
    }

    @Test
    void writeCommitsAll() {
        assertEquals(
                "done",
                await(store.write(tx -> map.in(tx)
                        .put("a", "1")
                        .then(map.in(tx).put("b", "2"))
                        .then(map.in(tx).get("a"))
                        .map(value -> value.equals("1") ? "done" : "wrong"))));
        assertEquals("2", await(map.get("b")));
        reopen();
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void failedWriteLeavesNothing() {
        await(map.put("a", "0"));
        Mono<Void> failing = store.write(tx -> map.in(tx)
                .put("a", "1")
                .then(map.in(tx).put("b", "2"))
                .then(map.in(tx).delete("a"))
                .then(Mono.error(new UnsupportedOperationException("mine"))));
        assertThrows(UnsupportedOperationException.class, () -> await(failing));
        assertEquals("0", await(map.get("a")));
        assertNull(await(map.get("b")));
        assertThrows(
                UnsupportedOperationException.class,
                () -> await(store.write(tx -> {
                    throw new UnsupportedOperationException("thrown");
                })));
        assertThrows(NullPointerException.class, () -> await(store.write(tx -> null)));
    }

    @Test
    void emptyWorkCommits() {
        assertNull(await(store.write(tx -> map.in(tx).put("a", "1"))));
        assertEquals("1", await(map.get("a")));
        assertNull(await(store.write(tx -> Mono.empty())));
    }

    @Test
    void transactionSeesItsOwnWritesAndNobodyElse() {
        await(map.put("a", "1"));
        Transaction tx = begin();
        MapOperations<String, String> mine = map.in(tx);
        await(map.put("b", "other"));
        await(mine.put("c", "mine"));
        await(mine.put("a", "changed"));
        assertNull(await(mine.get("b")));
        assertEquals("changed", await(mine.get("a")));
        assertEquals("1", await(map.get("a")));
        assertNull(await(map.get("c")));
        assertEquals(
                List.of("a", "c"), await(mine.scan(Range.all()).map(Entry::key).collectList()));
        assertEquals(2, await(mine.count(Range.all())));
        assertTrue(await(mine.delete("a")));
        assertFalse(await(mine.containsKey("a")));
        assertEquals("x", await(mine.compute("c", (key, value) -> "mine".equals(value) ? "x" : "wrong")));
        CommitInfo info = await(tx.commit());
        assertTrue(info.lsn() > tx.lsn() && !info.relaxed());
        assertTrue(store.durableLsn() >= info.lsn());
        assertNull(await(map.get("a")));
        assertEquals("x", await(map.get("c")));
    }

    @Test
    void rollbackUndoesAll() {
        await(map.put("a", "1"));
        Transaction tx = begin();
        await(map.in(tx).put("a", "2"));
        await(map.in(tx).put("b", "2"));
        assertEquals(2, await(map.in(tx).deleteRange(Range.all())));
        await(tx.rollback());
        await(tx.rollback());
        assertEquals(List.of("a"), await(map.scan(Range.all()).map(Entry::key).collectList()));
        assertEquals("1", await(map.get("a")));
        assertThrows(IllegalStateException.class, () -> await(map.in(tx).get("a")));
        assertThrows(IllegalStateException.class, () -> await(tx.commit()));
        assertEquals(1, store.stats().rollbacks());
    }

    @Test
    void committedTransactionIsOver() {
        Transaction tx = begin();
        await(map.in(tx).put("a", "1"));
        await(tx.commit());
        assertThrows(IllegalStateException.class, () -> await(tx.rollback()));
        assertThrows(IllegalStateException.class, () -> await(tx.commit()));
        assertThrows(IllegalStateException.class, () -> await(map.in(tx).put("a", "2")));
        Transaction reader = begin();
        assertEquals("1", await(map.in(reader).get("a")));
        assertEquals(reader.lsn(), await(reader.commit()).lsn());
    }

    @Test
    void firstCommitterWinsAndDoomsTheOther() {
        await(map.put("a", "1"));
        Transaction loser = begin();
        await(map.put("a", "2"));
        MillraceException conflict = assertThrows(
                TransactionConflictException.class, () -> await(map.in(loser).put("a", "3")));
        assertTrue(conflict.isTransient());
        assertSame(
                conflict,
                assertThrows(
                        TransactionConflictException.class,
                        () -> await(map.in(loser).get("b"))));
        assertSame(conflict, assertThrows(TransactionConflictException.class, () -> await(loser.commit())));
        await(loser.rollback());
        assertEquals("2", await(map.get("a")));
        assertEquals(1, store.stats().conflicts());
    }

    @Test
    void writeOfALockedKeyWaitsForTheEndOfTheTransaction() {
        Transaction holder = begin();
        await(map.in(holder).put("a", "1"));
        Transaction other = begin();
        assertThrows(LockTimeoutException.class, () -> await(map.in(other).put("a", "2")));
        await(other.rollback());
        assertThrows(LockTimeoutException.class, () -> await(map.put("a", "3")));
        Transaction cancelling = begin();
        map.in(cancelling).put("a", "5").subscribe().dispose();
        await(cancelling.rollback());
        Transaction loser = begin();
        Mono<Void> losing = map.in(loser).put("a", "6").cache();
        losing.subscribe(value -> {}, failure -> {});
        Mono<Void> waiting = map.put("a", "4").cache();
        Disposable running = waiting.subscribe();
        assertFalse(running.isDisposed());
        await(holder.commit());
        await(waiting);
        assertEquals("4", await(map.get("a")));
        assertThrows(TransactionConflictException.class, () -> await(losing));
        await(loser.rollback());
    }

    @Test
    void writeOfALockedKeyGoesOnWhenTheHolderRollsBack() {
        Transaction holder = begin();
        await(map.in(holder).put("a", "1"));
        Transaction other = begin();
        Mono<Void> waiting = map.in(other).put("a", "2").cache();
        waiting.subscribe();
        await(holder.rollback());
        await(waiting);
        await(other.commit());
        assertEquals("2", await(map.get("a")));
    }

    @Test
    void ofTransactionsThatWaitInACircleTheLastGivesWay() {
        List<Transaction> circle = List.of(begin(), begin(), begin());
        for (int i = 0; i < 3; i++) {
            await(map.in(circle.get(i)).put("key" + i, "mine"));
        }
        Mono<Void> first = map.in(circle.get(0)).put("key1", "more").cache();
        Mono<Void> second = map.in(circle.get(1)).put("key2", "more").cache();
        first.subscribe(value -> {}, failure -> {});
        second.subscribe(value -> {}, failure -> {});
        DeadlockException deadlock = assertThrows(
                DeadlockException.class, () -> await(map.in(circle.get(2)).put("key0", "more")));
        assertTrue(deadlock.isTransient());
        assertSame(
                deadlock,
                assertThrows(DeadlockException.class, () -> await(circle.get(2).commit())));
        await(circle.get(2).rollback());
        await(second);
        await(circle.get(1).rollback());
        await(first);
        await(circle.get(0).commit());
        assertEquals("more", await(map.get("key1")));
        assertNull(await(map.get("key2")));
    }

    @Test
    void writesThatLockInOppositeOrderAllSucceed() {
        int rounds = 200;
        await(Flux.range(0, rounds)
                .flatMap(
                        i -> store.write(tx ->
                                increment(tx, i % 2 == 0 ? "a" : "b").then(increment(tx, i % 2 == 0 ? "b" : "a"))),
                        16)
                .then());
        assertEquals(String.valueOf(rounds), await(map.get("a")));
        assertEquals(String.valueOf(rounds), await(map.get("b")));
    }

    @Test
    void rollbackToASavepointUndoesWhatCameAfterIt() {
        await(map.put("a", "0"));
        Transaction tx = begin();
        await(map.in(tx).put("a", "1"));
        Savepoint first = await(tx.savepoint());
        await(map.in(tx).put("a", "2"));
        await(map.in(tx).put("b", "2"));
        Savepoint second = await(tx.savepoint());
        await(map.in(tx).delete("a"));
        await(tx.rollbackTo(second));
        assertEquals("2", await(map.in(tx).get("a")));
        await(map.in(tx).put("c", "3"));
        await(tx.rollbackTo(first));
        assertEquals("1", await(map.in(tx).get("a")));
        assertNull(await(map.in(tx).get("b")));
        assertThrows(IllegalStateException.class, () -> await(tx.rollbackTo(second)));
        // Nobody holds it any more.
        await(map.put("b", "other"));
        await(tx.rollbackTo(first));
        await(map.in(tx).put("d", "4"));
        await(tx.commit());
        assertThrows(IllegalStateException.class, () -> await(tx.rollbackTo(first)));
        assertThrows(IllegalStateException.class, () -> await(tx.savepoint()));
        for (int i = 0; i < 2; i++) {
            assertEquals("1", await(map.get("a")));
            assertEquals("other", await(map.get("b")));
            assertNull(await(map.get("c")));
            assertEquals("4", await(map.get("d")));
            reopen();
        }
    }

    @Test
    void rollbackAfterARollbackToASavepoint() {
        await(map.put("a", "0"));
        Transaction tx = begin();
        Savepoint start = await(tx.savepoint());
        await(map.in(tx).put("a", "1"));
        await(map.in(tx).put("b", "1"));
        await(tx.rollbackTo(start));
        await(map.in(tx).put("b", "2"));
        await(tx.rollback());
        assertEquals("0", await(map.get("a")));
        assertNull(await(map.get("b")));
        Transaction other = begin();
        assertThrows(IllegalStateException.class, () -> await(other.rollbackTo(start)));
        assertThrows(NullPointerException.class, () -> await(other.rollbackTo(null)));
        await(other.commit());
    }

    @Test
    void getForUpdateLocksKeysThereOrNot() {
        await(map.put("a", "1"));
        Transaction holder = begin();
        assertEquals("1", await(map.in(holder).getForUpdate("a")));
        assertNull(await(map.in(holder).getForUpdate("b")));
        assertEquals("1", await(map.in(holder).getForUpdate("a")));
        assertThrows(LockTimeoutException.class, () -> await(map.put("a", "2")));
        assertThrows(LockTimeoutException.class, () -> await(map.put("b", "2")));
        assertEquals("1", await(map.get("a")));
        assertNull(await(map.get("b")));
        await(holder.commit());
        assertEquals(List.of("a"), await(map.scan(Range.all()).map(Entry::key).collectList()));
        assertTrue(await(map.putIfAbsent("b", "2")));
        Transaction rolledBack = begin();
        await(map.in(rolledBack).getForUpdate("c"));
        await(rolledBack.rollback());
        assertFalse(await(map.containsKey("c")));
        assertThrows(IllegalStateException.class, () -> await(map.getForUpdate("a")));
    }

    @Test
    void getForUpdateOfAKeyThatHasChangedIsAConflict() {
        Transaction loser = begin();
        await(map.put("a", "1"));
        assertThrows(
                TransactionConflictException.class, () -> await(map.in(loser).getForUpdate("a")));
        await(loser.rollback());
    }

    private Mono<String> increment(Transaction tx, String key) {
        return map.in(tx).compute(key, (k, value) -> value == null ? "1" : String.valueOf(Integer.parseInt(value) + 1));
    }

    @Test
    void argumentErrorsDoomNothing() {
        Transaction tx = begin();
        await(map.in(tx).put("a", "1"));
        assertThrows(LimitExceededException.class, () -> await(map.in(tx).put("", "1")));
        assertThrows(NullPointerException.class, () -> await(map.in(tx).put("b", null)));
        assertThrows(
                UnsupportedOperationException.class,
                () -> await(map.in(tx).compute("a", (key, value) -> {
                    throw new UnsupportedOperationException();
                })));
        await(tx.commit());
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void concurrentTransfersKeepTheTotal() {
        OrderedMap<Integer, Long> accounts = store.map("accounts", Codecs.int32(), Codecs.int64());
        int count = 10;
        await(Flux.range(0, count).concatMap(i -> accounts.put(i, 100L)).then());
        AtomicInteger attempts = new AtomicInteger();
        await(Flux.range(0, 600)
                .flatMap(
                        i -> store.write(tx -> {
                            attempts.incrementAndGet();
                            MapOperations<Integer, Long> mine = accounts.in(tx);
                            return mine.get(i % count)
                                    .flatMap(from -> mine.put(i % count, from - 1))
                                    .then(mine.get((i * 7 + 1) % count))
                                    .flatMap(to -> mine.put((i * 7 + 1) % count, to + 1));
                        }),
                        16)
                .then());
        Long total = await(accounts.scan(Range.all()).map(Entry::value).reduce(Long::sum));
        // A transfer to oneself reads its own write.
        assertEquals(100L * count, total);
        assertTrue(attempts.get() >= 600);
    }

    @Test
    void hotKeyStarvesNobody() {
        OrderedMap<String, Long> counters = store.map("counters", Codecs.utf8(), Codecs.int64());
        await(Flux.range(0, 300)
                .flatMap(i -> store.write(tx -> counters.in(tx).compute("n", (k, v) -> v == null ? 1 : v + 1)), 32)
                .then());
        assertEquals(300, await(counters.get("n")));
    }

    @Test
    void operationsMayBeIssuedInParallel() {
        await(store.write(tx -> Flux.range(0, 500)
                .flatMap(
                        i -> map.in(tx).put("k" + i, "v").subscribeOn(reactor.core.scheduler.Schedulers.parallel()), 32)
                .then()));
        assertEquals(500, await(map.count(Range.all())));
    }

    @Test
    void readsAreOfOneSnapshot() {
        await(map.put("a", "1"));
        AtomicReference<Snapshot> leaked = new AtomicReference<>();
        List<String> values = await(store.read(snapshot -> {
                    leaked.set(snapshot);
                    assertTrue(snapshot.lsn() <= store.durableLsn());
                    return map.in(snapshot)
                            .get("a")
                            .concatWith(map.put("a", "2").then(Mono.empty()))
                            .concatWith(map.in(snapshot).get("a"));
                })
                .collectList());
        assertEquals(List.of("1", "1"), values);
        assertEquals("2", await(map.get("a")));
        assertThrows(
                IllegalStateException.class, () -> await(map.in(leaked.get()).get("a")));
        assertThrows(
                IllegalStateException.class,
                () -> await(
                        store.read(snapshot -> map.in(snapshot).put("a", "3")).then()));
    }

    @Test
    void writeManyEmitsAfterTheCommit() {
        AtomicReference<Transaction> used = new AtomicReference<>();
        StepVerifier.create(store.writeMany(tx -> {
                    used.set(tx);
                    return Flux.range(0, 3)
                            .concatMap(i -> map.in(tx).put("k" + i, "v").thenReturn(i));
                }))
                .assertNext(i -> {
                    assertEquals(0, i);
                    assertThrows(
                            IllegalStateException.class, () -> await(used.get().commit()));
                })
                .expectNext(1, 2)
                .expectComplete()
                .verify(PATIENCE);
        Flux<Integer> tooMany = store.writeMany(tx -> Flux.range(0, 100_001));
        assertThrows(LimitExceededException.class, () -> await(tooMany.then()));
    }

    @Test
    void cancelledWriteIsRolledBack() {
        Disposable running =
                store.write(tx -> map.in(tx).put("a", "1").then(Mono.never())).subscribe();
        assertEquals(1, store.stats().openSnapshots());
        running.dispose();
        awaitQuiet();
        assertNull(await(map.get("a")));
    }

    @Test
    void cancelledOperationDoomsItsTransaction() {
        Transaction tx = begin();
        await(map.in(tx).put("a", "1"));
        StepVerifier.create(map.in(tx).get("a"), 0).thenCancel().verify(PATIENCE);
        assertEquals("1", await(map.in(tx).get("a")), "a read was cancelled, which means nothing");
        StepVerifier.create(map.in(tx).put("b", "1"), 0).thenCancel().verify(PATIENCE);
        assertThrows(IllegalStateException.class, () -> await(map.in(tx).get("a")));
        assertThrows(IllegalStateException.class, () -> await(tx.commit()));
        await(tx.rollback());
        assertNull(await(map.get("a")));
    }

    @Test
    void commitThatIsCancelledBeforeItsTurnRollsBack() {
        Transaction holder = begin();
        await(map.in(holder).put("a", "1"));
        Transaction tx = begin();
        await(map.in(tx).put("b", "2"));
        Mono<Void> waiting = map.in(tx).put("a", "2").cache();
        waiting.subscribe(nothing -> {}, failure -> {});
        tx.commit().subscribe().dispose();
        await(holder.rollback());
        await(waiting.onErrorComplete());
        assertThrows(IllegalStateException.class, () -> await(map.in(tx).get("b")));
        await(tx.rollback());
        assertNull(await(map.get("a")));
        assertNull(await(map.get("b")));
    }

    @Test
    void scanOverWhatTheSameTransactionChanges() {
        await(Flux.range(0, 1_000)
                .flatMap(i -> map.put(String.format("%04d", i), "old"), 64)
                .then());
        Transaction tx = begin();
        MapOperations<String, String> in = map.in(tx);
        // Each is deleted or changed, and what comes far behind is there before the scan is.
        List<String> seen = await(in.scan(Range.all())
                .concatMap(entry -> {
                    int number = Integer.parseInt(entry.key());
                    Mono<?> change = number % 2 == 0 ? in.delete(entry.key()) : in.put(entry.key(), "new");
                    return change.then(number == 0 ? in.put("2000", "far") : Mono.empty())
                            .thenReturn(entry.key() + " " + entry.value());
                })
                .collectList());
        assertEquals(1_001, seen.size());
        assertEquals("0999 old", seen.get(999));
        assertEquals("2000 far", seen.get(1_000));
        assertEquals(500, await(in.count(Range.all())));
        await(tx.commit());
        assertEquals(500, await(map.count(Range.all())));
        assertEquals("new", await(map.get("0001")));
    }

    @Test
    void waitThatIsOverAndOverdueAtOnceIsAnswered() throws InterruptedException {
        await(store.close());
        store = await(Store.open(options().with("reactive.completion-threads", "1")));
        map = store.map("map", Codecs.utf8(), Codecs.utf8());
        Transaction holder = begin();
        await(map.in(holder).put("a", "1"));
        Mono<Void> waiting = map.put("a", "2").cache();
        waiting.subscribe(nothing -> {}, failure -> {});
        // The only worker has something else to do when the key becomes free, and until the wait is overdue.
        long overdue = System.nanoTime() + 2 * Duration.ofMillis(300).toNanos();
        CountDownLatch busy = new CountDownLatch(1);
        Runnable dawdle = () -> {
            busy.countDown();
            while (System.nanoTime() < overdue) {
                Thread.onSpinWait();
            }
        };
        map.put("b", "1").subscribe(nothing -> {}, failure -> {}, dawdle);
        busy.await();
        holder.commit().subscribe();
        assertThrows(LockTimeoutException.class, () -> await(waiting));
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void waitForALockIsFiniteByDefault() {
        Configuration defaults = Configuration.of(Map.of(), Map.of(), new Properties());
        assertEquals(Duration.ofSeconds(5), defaults.duration(Setting.TRANSACTION_LOCK_TIMEOUT));
    }

    @Test
    void overdueTransactionIsRolledBack() {
        Transaction tx = await(store.begin(
                TransactionOptions.defaults().timeout(Duration.ofMillis(50)).tag("slow one")));
        await(map.in(tx).put("a", "1"));
        awaitQuiet();
        LimitExceededException error = assertThrows(
                LimitExceededException.class, () -> await(map.in(tx).put("b", "1")));
        assertTrue(error.getMessage().contains("slow one"), error.getMessage());
        assertThrows(LimitExceededException.class, () -> await(tx.commit()));
        await(tx.rollback());
        assertNull(await(map.get("a")));
    }

    @Test
    void relaxedCommitSaysSo() {
        Transaction tx = await(store.begin(TransactionOptions.defaults().durability(Durability.RELAXED)));
        await(map.in(tx).put("a", "1"));
        CommitInfo info = await(tx.commit());
        assertTrue(info.relaxed());
        await(map.put("b", "1"));
        assertEquals("1", await(map.get("a")));
    }

    @Test
    void cancelledBeginLeavesNothing() {
        StepVerifier.create(store.begin(TransactionOptions.defaults()), 0)
                .thenCancel()
                .verify(PATIENCE);
        awaitQuiet();
    }
}
