package io.millrace.perf.compare;

import io.millrace.perf.load.Keys;
import io.millrace.perf.load.Zipf;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the operations of the workloads, for any number of driving threads. */
final class Sources {
    private static final int PERCENT = 100;
    private static final double YCSB_THETA = 0.99;
    private static final int YCSB_LONGEST_SCAN = 100;

    private final Data data;
    private final int keys;
    private final Zipf zipf;
    private final AtomicLong inserted;

    Sources(Data data, int keys) {
        this.data = data;
        this.keys = keys;
        zipf = new Zipf(keys, YCSB_THETA);
        inserted = new AtomicLong(keys);
    }

    OperationSource gets(int thread) {
        SplittableRandom random = new SplittableRandom(thread);
        return () -> Operation.get(Keys.key(random.nextInt(keys)));
    }

    OperationSource puts(int thread) {
        return mix(thread, 0);
    }

    OperationSource scans(int thread, int length) {
        SplittableRandom random = new SplittableRandom(thread);
        return () -> Operation.scan(Keys.key(random.nextInt(keys)), length);
    }

    OperationSource mix(int thread, int readPercent) {
        SplittableRandom random = new SplittableRandom(thread);
        return () -> {
            byte[] key = Keys.key(random.nextInt(keys));
            return random.nextInt(PERCENT) < readPercent
                    ? Operation.get(key)
                    : Operation.put(key, data.value(random.nextInt()));
        };
    }

    OperationSource transfers(int thread, int accounts) {
        SplittableRandom random = new SplittableRandom(thread);
        return () -> {
            int from = random.nextInt(accounts);
            int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
            return Operation.transfer(Keys.key(from), Keys.key(to));
        };
    }

    /** One of the core workloads A to F of YCSB. */
    OperationSource ycsb(char letter, int thread) {
        SplittableRandom random = new SplittableRandom(thread);
        return switch (letter) {
            case 'A' -> () -> popular(random, 50);
            case 'B' -> () -> popular(random, 95);
            case 'C' -> () -> popular(random, PERCENT);
            case 'D' ->
                () -> random.nextInt(PERCENT) < 95
                        ? Operation.get(Keys.key(Math.max(0, inserted.get() - 1 - zipf.rank(random))))
                        : insert();
            case 'E' ->
                () -> random.nextInt(PERCENT) < 95
                        ? Operation.scan(Keys.key(zipf.scrambled(random)), 1 + random.nextInt(YCSB_LONGEST_SCAN))
                        : insert();
            case 'F' ->
                () -> random.nextInt(PERCENT) < 50
                        ? Operation.get(Keys.key(zipf.scrambled(random)))
                        : Operation.modify(Keys.key(zipf.scrambled(random)), data.value(random.nextInt()));
            default -> throw new IllegalArgumentException("YCSB has no workload " + letter);
        };
    }

    private Operation popular(SplittableRandom random, int readPercent) {
        byte[] key = Keys.key(zipf.scrambled(random));
        return random.nextInt(PERCENT) < readPercent
                ? Operation.get(key)
                : Operation.put(key, data.value(random.nextInt()));
    }

    private Operation insert() {
        long number = inserted.getAndIncrement();
        return Operation.put(Keys.key(number), data.value(number));
    }
}
