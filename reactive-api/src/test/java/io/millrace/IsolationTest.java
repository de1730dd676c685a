package io.millrace;

import static io.millrace.Isolation.READ_COMMITTED;
import static io.millrace.Isolation.SERIALIZABLE;
import static io.millrace.Isolation.SNAPSHOT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.error.LimitExceededException;
import io.millrace.error.TransactionConflictException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Which anomalies each level prevents and which it lets happen; the cases are those of Kleppmann's Hermitage. Keys 1 and 2 hold 10 and 20, and each
 * case runs two or three transactions step by step.
 */
class IsolationTest extends StoreTest {
    private static final Predicate<Integer> DIVISIBLE_BY_3 = value -> value % 3 == 0;

    OrderedMap<Integer, Integer> numbers;

    @BeforeEach
    void fill() {
        numbers = store.map("numbers", Codecs.int32(), Codecs.int32());
        await(numbers.put(1, 10).then(numbers.put(2, 20)));
    }

    /** A transaction and what it does, step by step. */
    private final class Session {
        private final Transaction transaction;
        private final MapOperations<Integer, Integer> in;

        Session(Isolation level) {
            transaction = await(store.begin(TransactionOptions.defaults().isolation(level)));
            in = numbers.in(transaction);
        }

        Integer get(int key) {
            return await(in.get(key));
        }

        void put(int key, int value) {
            await(in.put(key, value));
        }

        /** Subscribed, and under way. */
        Mono<Void> putting(int key, int value) {
            Mono<Void> put = in.put(key, value).cache();
            put.subscribe(nothing -> {}, failure -> {});
            return put;
        }

        List<Integer> where(Predicate<Integer> predicate) {
            return await(
                    in.scan(Range.all()).map(Entry::value).filter(predicate).collectList());
        }

        void commit() {
            await(transaction.commit());
        }

        void rollback() {
            await(transaction.rollback());
        }

        void commitFails() {
            assertThrows(TransactionConflictException.class, this::commit);
            rollback();
        }
    }

    private void assertNumbers(int one, int two) {
        assertEquals(one, await(numbers.get(1)));
        assertEquals(two, await(numbers.get(2)));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g0DirtyWrite(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 11);
        Mono<Void> waits = second.putting(1, 12);
        first.put(2, 21);
        first.commit();
        if (level == READ_COMMITTED) {
            await(waits);
            second.put(2, 22);
            second.commit();
            assertNumbers(12, 22);
        } else {
            assertThrows(TransactionConflictException.class, () -> await(waits));
            second.rollback();
            assertNumbers(11, 21);
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g1aAbortedRead(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 101);
        assertEquals(10, second.get(1));
        first.rollback();
        assertEquals(10, second.get(1));
        second.commit();
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g1bIntermediateRead(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 101);
        assertEquals(10, second.get(1));
        first.put(1, 11);
        first.commit();
        assertEquals(level == READ_COMMITTED ? 11 : 10, second.get(1));
        second.rollback();
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g1cCircularInformationFlow(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 11);
        second.put(2, 22);
        assertEquals(20, first.get(2));
        assertEquals(10, second.get(1));
        if (level == SERIALIZABLE) {
            // The other one's write is in the way, and gone after this.
            first.commitFails();
        } else {
            first.commit();
        }
        second.commit();
        assertNumbers(level == SERIALIZABLE ? 10 : 11, 22);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void otvObservedTransactionVanishes(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        Session third = new Session(level);
        first.put(1, 11);
        first.put(2, 19);
        Mono<Void> waits = second.putting(1, 12);
        first.commit();
        boolean sees = level == READ_COMMITTED;
        assertEquals(sees ? 11 : 10, third.get(1));
        if (sees) {
            await(waits);
            second.put(2, 18);
            assertEquals(19, third.get(2));
            second.commit();
            assertEquals(18, third.get(2));
            assertEquals(12, third.get(1));
        } else {
            assertThrows(TransactionConflictException.class, () -> await(waits));
            assertEquals(20, third.get(2));
            second.rollback();
        }
        third.rollback();
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void pmpPredicateManyPreceders(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(List.of(), first.where(value -> value == 30));
        second.put(3, 30);
        second.commit();
        assertEquals(level == READ_COMMITTED ? List.of(30) : List.of(), first.where(DIVISIBLE_BY_3));
        if (level == SERIALIZABLE) {
            first.put(1, 11);
            first.commitFails();
        } else {
            first.commit();
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void p4LostUpdate(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        int seen = first.get(1);
        assertEquals(seen, second.get(1));
        first.put(1, seen + 1);
        Mono<Void> waits = second.putting(1, seen + 1);
        first.commit();
        if (level == READ_COMMITTED) {
            await(waits);
            second.commit();
        } else {
            assertThrows(TransactionConflictException.class, () -> await(waits));
            second.rollback();
        }
        assertNumbers(11, 20);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void gSingleReadSkew(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(10, first.get(1));
        second.put(1, 12);
        second.put(2, 18);
        second.commit();
        assertEquals(level == READ_COMMITTED ? 18 : 20, first.get(2));
        if (level == SERIALIZABLE) {
            first.commitFails();
        } else {
            first.commit();
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void gSingleWithPredicateAndDelete(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(List.of(10, 20), first.where(value -> true));
        second.put(1, 12);
        second.commit();
        Mono<Long> deleting = first.in.deleteRange(Range.closed(1, 1));
        if (level == READ_COMMITTED) {
            assertEquals(1, await(deleting));
            first.commit();
        } else {
            assertThrows(TransactionConflictException.class, () -> await(deleting));
            first.rollback();
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g2ItemWriteSkew(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(30, first.get(1) + first.get(2));
        assertEquals(30, second.get(1) + second.get(2));
        first.put(1, 11);
        if (level == SERIALIZABLE) {
            first.commit();
            second.put(2, 21);
            second.commitFails();
            assertNumbers(11, 20);
        } else {
            second.put(2, 21);
            first.commit();
            second.commit();
            assertNumbers(11, 21);
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g2WriteSkewOnAPredicate(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(List.of(), first.where(DIVISIBLE_BY_3));
        assertEquals(List.of(), second.where(DIVISIBLE_BY_3));
        first.put(3, 30);
        first.commit();
        second.put(4, 42);
        if (level == SERIALIZABLE) {
            second.commitFails();
        } else {
            second.commit();
        }
        assertEquals(level == SERIALIZABLE ? 3 : 4, await(numbers.count(Range.all())));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g1aAndG1bWithPredicates(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 30);
        first.put(3, 30);
        assertEquals(List.of(), second.where(DIVISIBLE_BY_3));
        first.put(3, 33);
        first.rollback();
        assertEquals(List.of(), second.where(DIVISIBLE_BY_3));
        second.commit();
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void pmpOfAWriteByAPredicate(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        first.put(1, 20);
        first.put(2, 30);
        assertEquals(List.of(20), second.where(value -> value == 20));
        Mono<Boolean> waits = second.in.delete(2).cache();
        waits.subscribe(nothing -> {}, failure -> {});
        first.commit();
        if (level == READ_COMMITTED) {
            // What it deletes no longer is what it has looked for.
            assertEquals(true, await(waits));
            second.commit();
            assertEquals(20, await(numbers.get(1)));
            assertNull(await(numbers.get(2)));
        } else {
            assertThrows(TransactionConflictException.class, () -> await(waits));
            second.rollback();
            assertNumbers(20, 30);
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void gSingleWithTwoPredicates(Isolation level) {
        Session first = new Session(level);
        Session second = new Session(level);
        assertEquals(List.of(10, 20), first.where(value -> value % 5 == 0));
        second.put(1, 12);
        second.commit();
        assertEquals(level == READ_COMMITTED ? List.of(12) : List.of(), first.where(DIVISIBLE_BY_3));
        if (level == SERIALIZABLE) {
            first.commitFails();
        } else {
            first.commit();
        }
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void g2OfAReaderBetweenTwoWriters(Isolation level) {
        Session first = new Session(level);
        assertEquals(List.of(10, 20), first.where(value -> true));
        Session second = new Session(level);
        second.put(2, 25);
        second.commit();
        Session third = new Session(level);
        assertEquals(List.of(10, 25), third.where(value -> true));
        third.commit();
        first.put(1, 0);
        if (level == SERIALIZABLE) {
            first.commitFails();
            assertNumbers(10, 25);
        } else {
            first.commit();
            assertNumbers(0, 25);
        }
    }

    @Test
    void phantomsAtTheEdgesOfWhatWasRead() {
        assertEquals(true, isPhantom(Range.closedOpen(3, 5), 3));
        assertEquals(true, isPhantom(Range.closedOpen(3, 5), 4));
        assertEquals(false, isPhantom(Range.closedOpen(3, 5), 5));
        assertEquals(false, isPhantom(Range.after(6), 6));
        assertEquals(true, isPhantom(Range.after(6), 7));
        assertEquals(true, isPhantom(Range.before(0).reversed(), -1));
        assertEquals(false, isPhantom(Range.<Integer>all().limit(1), 99));
        assertEquals(true, isPhantom(Range.<Integer>all().reversed().limit(1), 100));
        assertEquals(false, isPhantom(Range.<Integer>all().reversed().limit(1), 50));
        assertEquals(true, isPhantom(Range.<Integer>all(), 101));
    }

    /** Whether an insertion of {@code key} by another one is a conflict for a transaction that has counted and scanned the range. */
    private boolean isPhantom(Range<Integer> range, int key) {
        boolean counted = isPhantom(key, tx -> await(numbers.in(tx).count(range)));
        await(numbers.delete(key));
        boolean scanned = isPhantom(key, tx -> await(numbers.in(tx).scan(range).collectList()));
        assertEquals(counted, scanned);
        return scanned;
    }

    private boolean isPhantom(int key, Consumer<Transaction> read) {
        Transaction reader = await(store.begin(TransactionOptions.defaults().isolation(SERIALIZABLE)));
        read.accept(reader);
        await(store.write(tx -> numbers.in(tx).put(key, 1)));
        await(numbers.in(reader).put(-1000 - key, 0));
        try {
            await(reader.commit());
            return false;
        } catch (TransactionConflictException conflict) {
            await(reader.rollback());
            return true;
        } finally {
            await(numbers.delete(-1000 - key));
        }
    }

    @Test
    void aMapThatWasNotThereIsReadToo() {
        for (int i = 0; i < 2; i++) {
            OrderedMap<String, String> absent = store.map("absent" + i, Codecs.utf8(), Codecs.utf8());
            Transaction reader = await(store.begin(TransactionOptions.defaults().isolation(SERIALIZABLE)));
            if (i == 0) {
                assertEquals(0, await(absent.in(reader).count(Range.all())));
            } else {
                assertNull(await(absent.in(reader).get("x")));
            }
            await(absent.put("x", "y"));
            await(map.in(reader).put("mine", "1"));
            assertThrows(TransactionConflictException.class, () -> await(reader.commit()));
            await(reader.rollback());
        }
    }

    @Test
    void oneOfTwoRetriedTransactionsComesSecond() {
        // Each moves the whole sum to its own key: only one order or the other is right.
        TransactionOptions serializable = TransactionOptions.defaults().isolation(SERIALIZABLE);
        for (int round = 0; round < 20; round++) {
            await(numbers.put(1, 1).then(numbers.put(2, 2)));
            await(Mono.when(
                    store.write(serializable, tx -> copy(tx, 1, 2)), store.write(serializable, tx -> copy(tx, 2, 1))));
            assertEquals(await(numbers.get(1)), await(numbers.get(2)));
        }
    }

    private Mono<Void> copy(Transaction tx, int from, int to) {
        return numbers.in(tx).get(from).flatMap(value -> numbers.in(tx).put(to, value));
    }

    @Test
    void whatWasReadIsBounded() {
        await(store.close());
        store = await(Store.open(options().with("transaction.max-read-set", "4KiB")));
        numbers = store.map("numbers", Codecs.int32(), Codecs.int32());
        Session reader = new Session(SERIALIZABLE);
        assertThrows(LimitExceededException.class, () -> {
            for (int i = 0; i < 1000; i++) {
                reader.get(i);
            }
        });
        assertThrows(LimitExceededException.class, reader::commit);
        reader.rollback();
        Session other = new Session(SNAPSHOT);
        for (int i = 0; i < 1000; i++) {
            other.get(i);
        }
        other.commit();
    }

    @Test
    void computeOfReadCommittedLosesNothing() {
        TransactionOptions committed = TransactionOptions.defaults().isolation(READ_COMMITTED);
        Session first = new Session(READ_COMMITTED);
        Session second = new Session(READ_COMMITTED);
        assertEquals(11, await(first.in.compute(1, (key, value) -> value + 1)));
        Mono<Integer> waits = second.in.compute(1, (key, value) -> value + 1).cache();
        waits.subscribe();
        first.commit();
        assertEquals(12, await(waits));
        second.commit();
        assertNumbers(12, 20);
        await(Flux.range(0, 100)
                .flatMap(i -> store.write(committed, tx -> numbers.in(tx).compute(1, (key, value) -> value + 1)), 16)
                .then());
        assertNumbers(112, 20);
    }
}
