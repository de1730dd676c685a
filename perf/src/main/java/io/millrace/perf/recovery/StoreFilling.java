package io.millrace.perf.recovery;

import io.millrace.Codecs;
import io.millrace.OrderedMap;
import io.millrace.Store;
import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Keys;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.SplittableRandom;

/**
 * The child that is killed. First all keys are put, the store is closed in order, and its data file is copied; then it is opened again and random
 * keys are updated until the log is as long as wanted, or, to be killed under load, for ever.
 */
final class StoreFilling {
    /** Begins the line that says that the log is written, or that the load has begun. */
    static final String WRITTEN = "written ";

    private static final int LOOK_MASK = 1023;

    private final RecoveryOptions options;
    private final PrintStream out;
    private final SplittableRandom random = new SplittableRandom(1);
    private final byte[] value;

    StoreFilling(RecoveryOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
        value = new byte[options.valueSize()];
        random.nextBytes(value);
    }

    int run() throws IOException {
        Store filled = open();
        fill(map(filled));
        filled.close().block();
        if (!options.killUnderLoad()) {
            Files.copy(KilledStore.data(options.directory()), KilledStore.dataBefore(options.directory()));
        }
        String before = LogFiles.last(options.directory());
        Store store = open();
        update(store, before);
        // Until the parent kills this JVM, or is gone itself.
        while (System.in.read() >= 0) {
            store.durableLsn();
        }
        return 0;
    }

    private Store open() {
        return Store.open(options.storeOptions(options.directory())).block();
    }

    private static OrderedMap<byte[], byte[]> map(Store store) {
        return store.map("entries", Codecs.bytes(), Codecs.bytes());
    }

    private void fill(OrderedMap<byte[], byte[]> map) {
        if (Boolean.TRUE.equals(map.containsKey(Keys.key(options.keys() - 1)).block())) {
            return;
        }
        InFlight flight = new InFlight(options.inFlight());
        for (long number = 0; number < options.keys(); number++) {
            map.put(Keys.key(number), value).subscribe(flight.take());
        }
        flight.drain();
    }

    private void update(Store store, String before) {
        OrderedMap<byte[], byte[]> map = map(store);
        InFlight flight = new InFlight(options.inFlight());
        long log = options.killUnderLoad() ? Long.MAX_VALUE : options.logBytes().get(0);
        for (long count = 1; ; count++) {
            map.put(Keys.key(random.nextLong(options.keys())), value).subscribe(flight.take());
            if (options.killUnderLoad() && count == 1) {
                written(before, 0);
            }
            if ((count & LOOK_MASK) == 0 && store.stats().logBytes() >= log) {
                break;
            }
        }
        flight.drain();
        written(before, store.stats().logBytes());
    }

    private void written(String before, long bytes) {
        out.print(WRITTEN + before + " " + bytes + "\n");
        out.flush();
    }
}
