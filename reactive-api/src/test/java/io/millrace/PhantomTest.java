package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.TransactionConflictException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A serializable transaction that has read a range conflicts with another one's write exactly if that lies in what was read: bounds of every kind,
 * both directions, with and without a limit, ranges with nothing in them; through scans, counts and deletions; again after a reopening.
 */
final class PhantomTest extends StoreTest {
    private static final TransactionOptions SERIALIZABLE =
            TransactionOptions.defaults().isolation(Isolation.SERIALIZABLE);
    private static final List<Integer> PRESENT = List.of(2, 4, 6);
    private static final int LAST = 8;

    private enum Read {
        SCAN,
        BATCHES,
        COUNT,
        DELETE
    }

    /** A range, and the keys from {@code from} to {@code to} that lie in it. */
    private record Case(Range<Integer> range, int from, int to, boolean reversed, int limit) {
        /** What is passed until the range or the limit ends. */
        boolean passes(int key) {
            int rest = limit;
            for (int i = 0; i <= to - from && rest > 0; i++) {
                int at = reversed ? to - i : from + i;
                if (at == key) {
                    return true;
                }
                rest -= PRESENT.contains(at) ? 1 : 0;
            }
            return false;
        }
    }

    private OrderedMap<Integer, Integer> numbers;

    private static List<Case> cases() {
        Map<Range<Integer>, int[]> ranges = new LinkedHashMap<>();
        ranges.put(Range.closed(2, 4), new int[] {2, 4});
        ranges.put(Range.open(2, 4), new int[] {3, 3});
        ranges.put(Range.closedOpen(2, 4), new int[] {2, 3});
        ranges.put(Range.openClosed(2, 4), new int[] {3, 4});
        ranges.put(Range.from(4), new int[] {4, LAST});
        ranges.put(Range.after(4), new int[] {5, LAST});
        ranges.put(Range.to(4), new int[] {0, 4});
        ranges.put(Range.before(4), new int[] {0, 3});
        ranges.put(Range.all(), new int[] {0, LAST});
        ranges.put(Range.closed(3, 3), new int[] {3, 3});
        ranges.put(Range.closed(5, 4), new int[] {5, 4});
        List<Case> cases = new ArrayList<>();
        ranges.forEach((range, ends) -> {
            for (int limit : new int[] {Integer.MAX_VALUE, 1, 2}) {
                Range<Integer> limited = limit == Integer.MAX_VALUE ? range : range.limit(limit);
                cases.add(new Case(limited, ends[0], ends[1], false, limit));
                cases.add(new Case(limited.reversed(), ends[0], ends[1], true, limit));
            }
        });
        return cases;
    }

    @Test
    void exactlyWhatWasReadCounts() {
        int turn = 0;
        int spared = 0;
        for (int round = 0; round < 2; round++) {
            numbers = store.map("numbers", Codecs.int32(), Codecs.int32());
            restore();
            for (Case one : cases()) {
                for (int key = 0; key <= LAST; key++) {
                    Read read = Read.values()[turn++ % Read.values().length];
                    boolean conflict = conflicts(one, read, key);
                    boolean expected = one.passes(key);
                    // Where a limit and a page end together the rest of the range counts as read.
                    if (expected || one.limit == Integer.MAX_VALUE) {
                        assertEquals(expected, conflict, read + " of " + one + " and " + key);
                    } else {
                        spared += conflict ? 0 : 1;
                    }
                }
            }
            reopen();
        }
        assertTrue(spared > 100, spared + " writes behind a limit were no conflict");
    }

    private void restore() {
        NavigableMap<Integer, Integer> found =
                new TreeMap<>(await(numbers.scan(Range.all()).collectMap(Entry::key, Entry::value)));
        for (int key = 0; key <= LAST; key++) {
            if (PRESENT.contains(key) && !found.containsKey(key)) {
                await(numbers.put(key, key));
            } else if (!PRESENT.contains(key) && found.containsKey(key)) {
                await(numbers.delete(key));
            }
        }
    }

    private boolean conflicts(Case one, Read read, int key) {
        Transaction reader = await(store.begin(SERIALIZABLE));
        Mono<?> reading = reading(numbers.in(reader), one.range, read);
        try {
            if (read == Read.DELETE) {
                // It would lock the keys, so the other one comes first; the snapshot is older still.
                await(numbers.put(key, -key));
                await(reading);
            } else {
                await(reading);
                await(numbers.put(key, -key));
            }
            await(reader.commit());
            return false;
        } catch (TransactionConflictException conflict) {
            await(reader.rollback());
            return true;
        } finally {
            restore();
        }
    }

    private static Mono<?> reading(MapOperations<Integer, Integer> in, Range<Integer> range, Read read) {
        return switch (read) {
            case SCAN -> in.scan(range).then();
            case BATCHES -> in.scanBatches(range, 1).then();
            case COUNT -> in.count(range);
            case DELETE -> in.deleteRange(range);
        };
    }

    @Test
    void prefixes() {
        await(Flux.just("a", "b", "b1", "c").concatMap(key -> map.put(key, "1")).then());
        for (String key : List.of("a", "ab", "b", "b0", "bz", "b1", "c", "bzzz")) {
            Transaction reader = await(store.begin(SERIALIZABLE));
            await(map.in(reader).count(Range.prefix("b")));
            await(map.put(key, "2"));
            boolean conflict = false;
            try {
                await(reader.commit());
            } catch (TransactionConflictException expected) {
                conflict = true;
                await(reader.rollback());
            }
            assertEquals(key.startsWith("b"), conflict, key);
        }
    }
}
