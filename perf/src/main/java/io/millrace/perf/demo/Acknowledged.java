package io.millrace.perf.demo;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything the workers said had happened, over all rounds. Not thread-safe. It travels to the verifying JVM as a small text file of three
 * kinds of lines: {@code t round first last} (transfers of consecutive numbers), {@code c counter value} and {@code l lsn}.
 */
final class Acknowledged {
    private final Map<Long, BitSet> transfers = new TreeMap<>();
    private final Map<Integer, BitSet> counts = new TreeMap<>();
    private long transferCount;
    private long lsn;
    private long repeated;

    /** A transfer is durable. */
    void transfer(long id, long durableLsn) {
        if (mark(transfers.computeIfAbsent(Transfer.round(id), round -> new BitSet()), Transfer.number(id))) {
            transferCount++;
        }
        lsn = Math.max(lsn, durableLsn);
    }

    /** A counter durably has this value. */
    void count(int counter, long value) {
        mark(counts.computeIfAbsent(counter, key -> new BitSet()), value);
    }

    private boolean mark(BitSet set, long number) {
        int index = Math.toIntExact(number);
        if (set.get(index)) {
            repeated++;
            return false;
        }
        set.set(index);
        return true;
    }

    /** Number of transfers. */
    long transferCount() {
        return transferCount;
    }

    /** Number of transfers and counter values. */
    long total() {
        return transferCount
                + counts.values().stream().mapToLong(BitSet::cardinality).sum();
    }

    /** Durable LSN up to which something was acknowledged. */
    long lsn() {
        return lsn;
    }

    /** How often something was acknowledged again: two counts that emitted the same value, of which one was lost. */
    long repeated() {
        return repeated;
    }

    boolean hasTransfer(long id) {
        BitSet numbers = transfers.get(Transfer.round(id));
        return numbers != null && numbers.get(Math.toIntExact(Transfer.number(id)));
    }

    /** The highest value acknowledged for this counter, 0 if none was. */
    long highestCount(int counter) {
        BitSet values = counts.get(counter);
        return values == null ? 0 : values.length() - 1L;
    }

    /** Replaces the file. */
    void writeTo(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Map.Entry<Long, BitSet> round : transfers.entrySet()) {
                BitSet numbers = round.getValue();
                for (int first = numbers.nextSetBit(0); first >= 0; ) {
                    int end = numbers.nextClearBit(first);
                    out.write("t " + round.getKey() + ' ' + first + ' ' + (end - 1) + '\n');
                    first = numbers.nextSetBit(end);
                }
            }
            for (int counter : counts.keySet()) {
                out.write("c " + counter + ' ' + highestCount(counter) + '\n');
            }
            out.write("l " + lsn + '\n');
        }
    }

    /** Reads what {@link #writeTo} wrote; of each counter only the highest value is known then. */
    static Acknowledged readFrom(Path file) throws IOException {
        Acknowledged read = new Acknowledged();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "t" ->
                        read.range(Long.parseLong(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                    case "c" -> read.count(Integer.parseInt(words[1]), Long.parseLong(words[2]));
                    case "l" -> read.lsn = Long.parseLong(words[1]);
                    default -> throw new IOException("not a line of acknowledgements: " + line);
                }
            }
        }
        return read;
    }

    private void range(long round, int first, int last) {
        transfers.computeIfAbsent(round, key -> new BitSet()).set(first, last + 1);
        transferCount += last - first + 1L;
    }
}
