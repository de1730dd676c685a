package io.millrace.perf.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.perf.faults.LoadProgram.LoadMaps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What became of each write of all children of a store, and the check against what the store holds. Written by the readers of the children, one
 * at a time; read when they have ended or said all.
 */
final class LoadLog {
    /** A failed write; {@code text} begins with the name of its error and goes on with the messages of its causes. */
    record Failed(long key, String error, String text) {}

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Set<Long> acknowledged = new HashSet<>();
    private final List<Failed> failed = new ArrayList<>();
    private long highestNumber;

    synchronized void take(String line) {
        String[] words = line.split(" ", 5);
        boolean isAcknowledgement = words[0].equals("a");
        if (!isAcknowledgement && !words[0].equals("e")) {
            return;
        }
        long number = Long.parseLong(words[2]);
        long key = LoadProgram.key(Long.parseLong(words[1]), number);
        highestNumber = Math.max(highestNumber, number);
        if (isAcknowledgement) {
            acknowledged.add(key);
        } else {
            failed.add(new Failed(key, words[3], line));
        }
    }

    /** A number that no lane has used; writes that were cut off by a kill have used one more than was heard of. */
    synchronized long nextNumber() {
        return highestNumber + 2;
    }

    /** Number of acknowledged writes. */
    synchronized int acknowledged() {
        return acknowledged.size();
    }

    synchronized List<Failed> failed() {
        return List.copyOf(failed);
    }

    /** Opens the store in this JVM, checks it, writes to it, closes it. */
    void assertNothingLost(Path directory) {
        // This JVM opens many stores, and the memory of those before is the garbage collector's to free.
        StoreOptions options = StoreOptions.at(directory).with("buffer-pool.size", "8MiB");
        Store store = Store.open(options).block(PATIENCE);
        assertNotNull(store);
        try {
            LoadMaps maps = new LoadMaps(store);
            assertNothingLost(LoadContents.of(maps));
            maps.write(LoadProgram.key(LoadProgram.LANES, nextNumber())).block(PATIENCE);
        } finally {
            store.close().block(PATIENCE);
        }
    }

    /** Everything acknowledged is there, nothing that was refused, and of no transaction a half. */
    synchronized void assertNothingLost(LoadContents found) {
        assertEquals(found.left(), found.right(), "a transaction was half applied");
        Set<Long> there = new HashSet<>(found.singles());
        there.addAll(found.left());
        Set<Long> lost = new HashSet<>(acknowledged);
        lost.removeAll(there);
        assertEquals(Set.of(), lost, "lost");
        for (Failed failure : failed) {
            boolean unknown = failure.error.equals("OutcomeUnknownException");
            assertTrue(unknown || !there.contains(failure.key), () -> "refused, and yet it is there: " + failure);
        }
    }
}
