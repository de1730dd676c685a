package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.LimitExceededException;
import io.millrace.error.LogPositionGoneException;
import io.millrace.error.StoreClosedException;
import io.millrace.error.StoreOverloadedException;
import io.millrace.testkit.Seeds;
import io.millrace.wal.LogHolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The change stream: what it says of every kind of change, from where it goes on, and what it keeps. */
final class ChangesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String[] NAMES = {"a", "b", "c"};

    @TempDir
    private Path directory;

    private final Map<String, String> settings = new HashMap<>(Map.of(
            "buffer-pool.page-size", "4KiB",
            "buffer-pool.size", "1MiB",
            "wal.segment-size", "64KiB",
            "wal.ring-slots", "256",
            "wal.retain", "1GiB",
            "changes.memory", "64KiB"));
    private Path home;
    private Store store;

    @AfterEach
    void close() {
        if (store != null) {
            store.close().block(PATIENCE);
        }
    }

    private void open() {
        open(directory.resolve("store"));
    }

    private void open(Path where) {
        home = where;
        StoreOptions options = StoreOptions.at(where);
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            options = options.with(setting.getKey(), setting.getValue());
        }
        store = Store.open(options).block(PATIENCE);
    }

    private OrderedMap<String, String> map(String name) {
        return store.map(name, Codecs.utf8(), Codecs.utf8());
    }

    private List<LogHolder> holders() {
        return ((MillraceStore) store).engine().wal().holders();
    }

    private static void until(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, what);
            Thread.onSpinWait();
        }
    }

    /** Takes commits as it is told to. */
    private static final class Taker extends BaseSubscriber<Commit> {
        private final BlockingQueue<Object> signals = new LinkedBlockingQueue<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // Nothing is asked for yet.
        }

        @Override
        protected void hookOnNext(Commit commit) {
            signals.add(commit);
        }

        @Override
        protected void hookOnError(Throwable failure) {
            signals.add(failure);
        }

        private Object next() {
            try {
                Object signal = signals.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
                assertNotNull(signal, "nothing came");
                return signal;
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
        }

        Commit commit() {
            Object signal = next();
            if (signal instanceof Throwable failure) {
                throw new AssertionError(failure);
            }
            return (Commit) signal;
        }

        Throwable failure() {
            return assertInstanceOf(Throwable.class, next());
        }
    }

    private Taker take(long afterLsn, long demand) {
        Taker taker = new Taker();
        store.changes(afterLsn).subscribe(taker);
        if (demand > 0) {
            taker.request(demand);
        }
        return taker;
    }

    private Throwable failureOf(long afterLsn) {
        Taker taker = take(afterLsn, 1);
        return taker.failure();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static String describe(Commit commit) {
        StringBuilder text = new StringBuilder();
        for (Change change : commit.changes()) {
            text.append(change.kind()).append(' ').append(change.map());
            switch (change.kind()) {
                case PUT ->
                    text.append('.').append(text(change.key())).append('=').append(text(change.value()));
                case DELETE -> text.append('.').append(text(change.key()));
                case DROP -> {}
                case RENAME -> text.append(">").append(change.newName());
            }
            text.append(change.isOldValueKnown() ? "(" + text(change.oldValue()) + ") " : " ");
        }
        return text.toString().strip();
    }

    @Test
    void saysWhatWasCommittedAndNothingElse() {
        open();
        OrderedMap<String, String> a = map("a");
        a.put("k", "1").block(PATIENCE);
        assertFalse(a.putIfAbsent("k", "2").block(PATIENCE));
        a.compute("k", (key, value) -> value + "+").block(PATIENCE);
        store.write(tx -> a.in(tx)
                        .getForUpdate("k")
                        .then(a.in(tx).getForUpdate("absent"))
                        .then(a.in(tx).put("k", "3"))
                        .then(map("b").in(tx).put("x", "4"))
                        .then(a.in(tx).delete("k"))
                        .thenReturn(true))
                .block(PATIENCE);
        // Locks alone, a rollback, a rollback to a savepoint.
        store.write(tx -> a.in(tx).getForUpdate("k").thenReturn(true)).block(PATIENCE);
        Transaction lost = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        a.in(lost).put("never", "").block(PATIENCE);
        lost.rollback().block(PATIENCE);
        Transaction partly = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        a.in(partly).put("k", "5").block(PATIENCE);
        Savepoint savepoint = partly.savepoint().block(PATIENCE);
        a.in(partly).put("k", "6").block(PATIENCE);
        a.in(partly).put("never", "").block(PATIENCE);
        partly.rollbackTo(savepoint).block(PATIENCE);
        a.in(partly).put("l", "7").block(PATIENCE);
        long committed = partly.commit().block(PATIENCE).lsn();
        store.rename("b", "c").block(PATIENCE);
        assertFalse(store.drop("nothing").block(PATIENCE));
        store.drop("c").block(PATIENCE);
        a.delete("l").block(PATIENCE);
        Taker taker = take(0, 7);
        assertEquals("PUT a.k=1", describe(taker.commit()));
        assertEquals("PUT a.k=1+", describe(taker.commit()));
        assertEquals("PUT a.k=3(1+) PUT b.x=4(null) DELETE a.k(3)", describe(taker.commit()));
        Commit last = taker.commit();
        assertEquals("PUT a.k=5(null) PUT a.l=7(null)", describe(last));
        assertEquals(committed, last.lsn());
        assertEquals("RENAME b>c", describe(taker.commit()));
        assertEquals("DROP c", describe(taker.commit()));
        assertEquals("DELETE a.l", describe(taker.commit()));
        assertTrue(taker.signals.isEmpty());
        taker.cancel();
    }

    @Test
    void mapsAreCalledAsTheyWereThen() {
        open();
        map("one").put("k", "1").block(PATIENCE);
        long afterFirst = store.durableLsn();
        map("one").put("k", "2").block(PATIENCE);
        store.rename("one", "two").block(PATIENCE);
        map("two").put("k", "3").block(PATIENCE);
        map("one").put("k", "4").block(PATIENCE);
        store.drop("two").block(PATIENCE);
        close();
        open();
        store.rename("one", "two").block(PATIENCE);
        Flux<String> all = store.changes(afterFirst).map(ChangesTest::describe);
        assertEquals(
                List.of("PUT one.k=2", "RENAME one>two", "PUT two.k=3", "PUT one.k=4", "DROP two", "RENAME one>two"),
                all.take(6).collectList().block(PATIENCE));
        map("two").put("k", "5").block(PATIENCE);
        assertEquals("PUT two.k=5", all.skip(6).blockFirst(PATIENCE));
    }

    @Test
    void goesOnBehindAnyCommit() {
        settings.put("changes.memory", "64KiB");
        open();
        Random dice = new Random(7);
        List<Transaction> open = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            open.add(store.begin(TransactionOptions.defaults()).block(PATIENCE));
            for (int j = 0; j < 3; j++) {
                int each = dice.nextInt(open.size());
                map("a").in(open.get(each))
                        .put("k" + i + "/" + j, "x".repeat(500))
                        .block(PATIENCE);
            }
            if (open.size() > 8) {
                open.remove(dice.nextInt(open.size())).commit().block(PATIENCE);
            }
        }
        for (Transaction each : open) {
            each.commit().block(PATIENCE);
        }
        map("a").put("last", "").block(PATIENCE);
        List<Commit> all = store.changes(0)
                .takeUntil(commit -> describe(commit).equals("PUT a.last="))
                .collectList()
                .block(PATIENCE);
        assertTrue(all.size() > 60, () -> "only " + all.size() + " commits");
        close();
        open();
        for (int i = 0; i + 1 < all.size(); i++) {
            Commit next = store.changes(all.get(i).lsn()).blockFirst(PATIENCE);
            assertEquals(all.get(i + 1).lsn(), next.lsn());
            assertEquals(describe(all.get(i + 1)), describe(next));
        }
    }

    /** Random work by several transactions at once; the mirror is resumed at random, over reopens and kills. */
    @Test
    void mirrorsRandomWork() {
        Seeds.forEach(4, (seed, dice) -> {
            open(directory.resolve("store" + seed));
            Mirror mirror = new Mirror();
            for (int life = 0; life < 4; life++) {
                work(dice, 250);
                long target = store.durableLsn();
                follow(mirror, dice, target);
                Mirror found = Mirror.of(store).block(PATIENCE);
                assertTrue(mirror.hasEntriesOf(found), () -> mirror.difference(found));
                reopen(dice.nextBoolean());
            }
            close();
        });
    }

    /** Reads on to the commit of a put that is made last. */
    private void follow(Mirror mirror, Random dice, long target) {
        map("mark").put("mark", Long.toString(target)).block(PATIENCE);
        String mark = "PUT mark.mark=" + target;
        boolean found = false;
        while (!found) {
            List<Commit> some = store.changes(mirror.lsn())
                    .limitRate(1 + dice.nextInt(10))
                    .take(1 + dice.nextInt(60))
                    .takeUntil(commit -> describe(commit).equals(mark))
                    .collectList()
                    .block(PATIENCE);
            some.forEach(mirror::apply);
            found = describe(some.get(some.size() - 1)).equals(mark);
        }
    }

    private void reopen(boolean killed) throws IOException {
        if (!killed) {
            close();
            open(home);
            return;
        }
        // Nothing is dirty then, and nobody writes: the files are those of a store that was killed.
        store.checkpoint().block(PATIENCE);
        Map<String, byte[]> files = StoreFixture.read(home);
        close();
        Path next = home.resolveSibling(home.getFileName() + "+");
        StoreFixture.write(files, next);
        open(next);
    }

    private void work(Random dice, int steps) {
        Transaction[] open = new Transaction[4];
        Map<Transaction, Savepoint> savepoints = new HashMap<>();
        for (int i = 0; i < steps; i++) {
            int which = dice.nextInt(6);
            if (which < open.length && open[which] == null) {
                open[which] = store.begin(TransactionOptions.defaults()).block(PATIENCE);
            }
            Transaction tx = which < open.length ? open[which] : null;
            if (tx == null) {
                single(dice);
            } else if (dice.nextInt(8) == 0) {
                savepoints.put(tx, tx.savepoint().block(PATIENCE));
            } else if (savepoints.containsKey(tx) && dice.nextInt(5) == 0) {
                tx.rollbackTo(savepoints.remove(tx)).block(PATIENCE);
            } else if (dice.nextInt(12) == 0) {
                open[which] = null;
                (dice.nextInt(3) == 0 ? tx.rollback() : tx.commit().then()).block(PATIENCE);
            } else {
                // Keys of its own, so that nobody waits.
                write(map(NAMES[which % 3]).in(tx), which + "/", dice);
            }
        }
        for (Transaction tx : open) {
            if (tx != null) {
                (dice.nextBoolean() ? tx.rollback() : tx.commit().then()).block(PATIENCE);
            }
        }
        mapsChange(dice);
    }

    private void single(Random dice) {
        write(map(NAMES[dice.nextInt(3)]), "s/", dice);
    }

    private static void write(MapOperations<String, String> target, String prefix, Random dice) {
        String key = prefix + dice.nextInt(20);
        Mono<?> write = switch (dice.nextInt(6)) {
            case 0 -> target.delete(key);
            case 1 -> target.compute(key, (same, old) -> old == null ? "new" : null);
            case 2 -> target.putIfAbsent(key, "y".repeat(dice.nextInt(1000)));
            default ->
                target.put(key, "x".repeat(dice.nextInt(10) == 0 ? 30_000 : dice.nextInt(1500)) + dice.nextInt());
        };
        write.block(PATIENCE);
    }

    private void mapsChange(Random dice) {
        String from = NAMES[dice.nextInt(3)];
        String to = NAMES[dice.nextInt(3)];
        List<String> there = store.maps().collectList().block(PATIENCE);
        if (dice.nextBoolean()) {
            store.drop(from).block(PATIENCE);
        } else if (there.contains(from) && !there.contains(to)) {
            store.rename(from, to).block(PATIENCE);
        }
    }

    @Test
    void emitsWhatIsRequestedAndComesAsItIsCommitted() {
        open();
        Taker taker = take(0, 2);
        for (int i = 0; i < 5; i++) {
            map("a").put("k", Integer.toString(i)).block(PATIENCE);
        }
        assertEquals("PUT a.k=0", describe(taker.commit()));
        assertEquals("PUT a.k=1", describe(taker.commit()));
        assertTrue(taker.signals.isEmpty());
        taker.request(1);
        assertEquals("PUT a.k=2", describe(taker.commit()));
        taker.request(100);
        assertEquals("PUT a.k=3", describe(taker.commit()));
        assertEquals("PUT a.k=4", describe(taker.commit()));
        for (int i = 5; i < 50; i++) {
            map("a").put("k", Integer.toString(i)).block(PATIENCE);
            Commit commit = taker.commit();
            assertEquals("PUT a.k=" + i, describe(commit));
            assertTrue(commit.lsn() <= store.durableLsn());
        }
        taker.cancel();
    }

    @Test
    void holdsTheLogUntilItIsCancelled() {
        settings.put("wal.retain", "0B");
        open();
        Taker taker = take(0, 1);
        map("a").put("first", "").block(PATIENCE);
        taker.commit();
        fill(3);
        store.checkpoint().block(PATIENCE);
        store.checkpoint().block(PATIENCE);
        assertEquals(1, holders().size());
        assertEquals("changes", holders().get(0).name());
        assertTrue(holders().get(0).heldBytes() > 0);
        taker.request(1);
        assertTrue(describe(taker.commit()).startsWith("PUT a.f"));
        taker.cancel();
        until(() -> holders().isEmpty(), "the log is still held");
        store.checkpoint().block(PATIENCE);
        assertInstanceOf(LogPositionGoneException.class, failureOf(0));
        assertTrue(holders().isEmpty());
    }

    /** So many segments. */
    private void fill(int segments) {
        Flux.range(0, segments * 80)
                .flatMap(i -> map("a").put("f" + i % 50, "x".repeat(900)), 16)
                .blockLast(PATIENCE);
    }

    @Test
    void aFollowingStreamLetsGoOfWhatItHasPassed() {
        settings.put("wal.retain", "0B");
        open();
        Taker taker = take(0, Long.MAX_VALUE);
        for (int i = 0; i < 20; i++) {
            fill(1);
            store.checkpoint().block(PATIENCE);
        }
        map("a").put("last", "").block(PATIENCE);
        while (!describe(taker.commit()).equals("PUT a.last=")) {
            // On to the last.
        }
        until(
                () -> {
                    map("a").put("last", "").block(PATIENCE);
                    store.checkpoint().block(PATIENCE);
                    return store.stats().logSegments() <= 8;
                },
                "the log is still held");
        taker.cancel();
    }

    @Test
    void oneThatIsTooSlowEnds() {
        settings.put("wal.retain", "0B");
        settings.put("changes.max-held-log", "128KiB");
        open();
        Taker taker = take(0, 1);
        map("a").put("first", "").block(PATIENCE);
        taker.commit();
        for (int i = 0; i < 6; i++) {
            fill(2);
            store.checkpoint().block(PATIENCE);
        }
        until(() -> holders().isEmpty(), "it keeps its hold");
        // What had been read before is told first.
        taker.request(Long.MAX_VALUE);
        Object signal = taker.next();
        while (signal instanceof Commit) {
            signal = taker.next();
        }
        assertInstanceOf(LogPositionGoneException.class, signal);
        assertTrue(holders().isEmpty());
    }

    @Test
    void readsOnFromTheArchive() {
        settings.put("wal.retain", "0B");
        settings.put(
                "wal.archive-directory",
                directory.resolve("archive").toAbsolutePath().toString());
        open();
        Transaction early = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        map("a").in(early).put("early", "").block(PATIENCE);
        long behindEarly = store.durableLsn();
        fill(4);
        early.commit().block(PATIENCE);
        until(
                () -> {
                    fill(1);
                    store.checkpoint().block(PATIENCE);
                    return oldestLsn() > behindEarly + 1000;
                },
                "the log is still there");
        close();
        open();
        Mirror mirror = new Mirror();
        follow(mirror, new Random(3), 0);
        Mirror found = Mirror.of(store).block(PATIENCE);
        assertTrue(mirror.hasEntriesOf(found), () -> mirror.difference(found));
        // The first change of that transaction lies before the position, in another segment.
        assertTrue(store.changes(behindEarly + 200)
                .map(ChangesTest::describe)
                .filter("PUT a.early=(null)"::equals)
                .hasElements()
                .timeout(PATIENCE)
                .block(PATIENCE));
    }

    @Test
    void longValuesComeOutOfTheLogAndElseOutOfTheirPages() {
        settings.put("wal.retain", "0B");
        open();
        String value = "v".repeat(300_000);
        map("a").put("k", value).block(PATIENCE);
        map("a").put("k", "short").block(PATIENCE);
        assertEquals("PUT a.k=" + value, describe(store.changes(0).blockFirst(PATIENCE)));
        Transaction tx = store.begin(TransactionOptions.defaults()).block(PATIENCE);
        map("a").in(tx).put("k", value).block(PATIENCE);
        long written = ((MillraceStore) store).engine().wal().claimedLsn();
        map("a").in(tx).put("l", value + "w").block(PATIENCE);
        until(
                () -> {
                    fill(1);
                    store.checkpoint().block(PATIENCE);
                    // The segment with the last of its pages is there, since the transaction runs, those before it are
                    // not.
                    return oldestLsn() > written - 600;
                },
                "the log is still there");
        Taker taker = take(store.durableLsn(), 1);
        tx.commit().block(PATIENCE);
        assertEquals("PUT a.k=" + value + "(short) PUT a.l=" + value + "w(null)", describe(taker.commit()));
        taker.cancel();
    }

    private long oldestLsn() {
        return ((MillraceStore) store).engine().wal().reader().oldestLsn();
    }

    @Test
    void positionsThatCanNotBe() {
        open();
        map("a").put("k", "").block(PATIENCE);
        assertInstanceOf(IllegalArgumentException.class, failureOf(-1));
        assertInstanceOf(IllegalArgumentException.class, failureOf(store.durableLsn() + 1_000_000));
        Taker end = take(store.durableLsn(), 1);
        map("a").put("k", "next").block(PATIENCE);
        assertEquals("PUT a.k=next", describe(end.commit()));
        end.cancel();
    }

    @Test
    void aCommitThatIsTooLargeIsNamed() {
        settings.put("changes.max-commit-size", "64KiB");
        open();
        long lsn = store.write(tx -> Flux.range(0, 100)
                        .concatMap(i -> map("a").in(tx).put("k" + i, "x".repeat(900)))
                        .then(Mono.just(true)))
                .thenReturn(0L)
                .map(unused -> store.durableLsn())
                .block(PATIENCE);
        map("a").put("k", "small").block(PATIENCE);
        LimitExceededException tooLarge = assertInstanceOf(LimitExceededException.class, failureOf(0));
        assertTrue(tooLarge.getMessage().contains("changes.max-commit-size"), tooLarge::getMessage);
        assertEquals("PUT a.k=small", describe(store.changes(lsn).blockFirst(PATIENCE)));
    }

    @Test
    void closingTheStoreEndsIt() {
        open();
        Taker resting = take(0, 0);
        Taker waiting = take(0, 10);
        close();
        assertInstanceOf(StoreClosedException.class, resting.failure());
        assertInstanceOf(StoreClosedException.class, waiting.failure());
        assertInstanceOf(StoreClosedException.class, failureOf(0));
    }

    @Test
    void thereIsAMostOfThem() {
        settings.put("changes.max-streams", "2");
        open();
        Taker first = take(0, 1);
        Taker second = take(0, 1);
        assertInstanceOf(StoreOverloadedException.class, failureOf(0));
        first.cancel();
        until(() -> store.stats().waitingOperations() <= 1, "it did not end");
        Taker third = take(0, 1);
        map("a").put("k", "1").block(PATIENCE);
        assertEquals("PUT a.k=1", describe(second.commit()));
        assertEquals("PUT a.k=1", describe(third.commit()));
        second.cancel();
        third.cancel();
    }

    @Test
    void commitsThatAreCancelledWhileTheyAreAwaitedLeaveNothing() {
        open();
        map("a").put("k", "1").block(PATIENCE);
        for (int i = 0; i < 200; i++) {
            take(i % 3 == 0 ? 0 : store.durableLsn(), i % 5).cancel();
        }
        until(() -> store.stats().waitingOperations() == 0 && holders().isEmpty(), "something is left");
        assertNull(map("a").get("none").block(PATIENCE));
    }
}
