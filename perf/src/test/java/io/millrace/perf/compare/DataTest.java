package io.millrace.perf.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.compare.Operation.Kind;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DataTest {
    private static final int COUNT = 1000;

    private final Data data = new Data(COUNT, 100);
    private final Sources sources = new Sources(data, COUNT);

    @Test
    void bothOrdersGiveEveryKeyOnce() {
        assertEquals(COUNT, keys(data.sorted()).size());
        assertEquals(keys(data.sorted()), keys(data.shuffled()));
        Iterator<KeyValue> shuffled = data.shuffled();
        shuffled.next();
        assertTrue(!text(shuffled.next().key()).equals("user000000000001"), "the order is another one");
    }

    @Test
    void theMixturesAreWhatTheirNamesSay() {
        assertEquals(0.5, share('A', Kind.PUT), 0.03);
        assertEquals(0.05, share('B', Kind.PUT), 0.02);
        assertEquals(1, share('C', Kind.GET));
        assertEquals(0.05, share('D', Kind.PUT), 0.02);
        assertEquals(0.95, share('E', Kind.SCAN), 0.02);
        assertEquals(0.5, share('F', Kind.MODIFY), 0.03);
    }

    @Test
    void insertsAreNewKeysAndATransferHasTwoSides() {
        OperationSource latest = sources.ycsb('D', 1);
        Set<String> inserted = new HashSet<>();
        for (int i = 0; i < COUNT; i++) {
            Operation operation = latest.next();
            if (operation.kind() == Kind.PUT) {
                assertTrue(inserted.add(text(operation.key())));
                assertTrue(text(operation.key()).compareTo("user000000000999") > 0);
            }
        }
        OperationSource transfers = sources.transfers(1, 2);
        for (int i = 0; i < COUNT; i++) {
            Operation transfer = transfers.next();
            assertTrue(!text(transfer.key()).equals(text(transfer.value())));
        }
    }

    private double share(char workload, Kind kind) {
        OperationSource source = sources.ycsb(workload, 3);
        Map<Kind, Integer> seen = new TreeMap<>();
        int draws = 10_000;
        for (int i = 0; i < draws; i++) {
            seen.merge(source.next().kind(), 1, Integer::sum);
        }
        return seen.getOrDefault(kind, 0) / (double) draws;
    }

    private static Set<String> keys(Iterator<KeyValue> entries) {
        Set<String> keys = new HashSet<>();
        entries.forEachRemaining(entry -> keys.add(text(entry.key())));
        return keys;
    }

    private static String text(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }
}
