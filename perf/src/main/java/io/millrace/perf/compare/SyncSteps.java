package io.millrace.perf.compare;

import io.millrace.perf.load.InFlight;
import io.millrace.perf.load.Keys;
import io.millrace.perf.peer.Contenders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A fixed number of commits between two marks that a system call tracer sees: a force of the file {@link #MARK}. Never timed; whoever traces
 * counts the forces in between.
 */
final class SyncSteps {
    /** Part of the name of the file whose forces are marks. */
    static final String MARK = "sync-mark";

    static final List<Integer> IN_FLIGHT = List.of(1, 64);

    private static final int ALONE = 200;
    private static final int EACH = 50;
    private static final int ENTRIES = 1000;

    private final Contenders who;
    private final Scale scale;
    private final Path directory;
    private final Data data;

    SyncSteps(Contenders who, Scale scale, Path directory) {
        this.who = who;
        this.scale = scale;
        this.directory = directory;
        data = new Data(ENTRIES, scale.valueSize());
    }

    static int commits(int inFlight) {
        return inFlight == 1 ? ALONE : inFlight * EACH;
    }

    void run(Consumer<Map<String, Object>> cells) throws IOException {
        try (Contender contender = who.open(directory, scale.cacheBytes());
                FileChannel mark = FileChannel.open(
                        directory.resolveSibling(MARK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            contender.load(data.sorted());
            mark(mark);
            for (int inFlight : IN_FLIGHT) {
                commit(contender, inFlight);
                mark(mark);
            }
        }
        cells.accept(Map.of("workload", "syncs", "point", "done"));
    }

    private static void mark(FileChannel mark) throws IOException {
        mark.write(ByteBuffer.allocate(1), 0);
        mark.force(true);
    }

    private void commit(Contender contender, int inFlight) {
        Asynchronous asynchronous = contender.asynchronous();
        if (asynchronous != null) {
            InFlight flight = new InFlight(inFlight);
            for (int i = 0; i < commits(inFlight); i++) {
                asynchronous.start(
                        Operation.put(Keys.key(i % ENTRIES), changed(i)),
                        flight.take().begin(System.nanoTime()));
            }
            flight.drain();
            return;
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < inFlight; i++) {
            int first = i;
            Thread thread = new Thread(() -> {
                try (Session session = contender.session()) {
                    for (int n = 0; n < commits(inFlight) / inFlight; n++) {
                        session.put(Keys.key((first + (long) n * inFlight) % ENTRIES), changed(n));
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        threads.forEach(SyncSteps::join);
    }

    /** Not the value that was loaded: some would notice, and write nothing. */
    private byte[] changed(int i) {
        byte[] value = data.value(i).clone();
        value[value.length - 1] ^= 1;
        value[value.length - 2] ^= (byte) (1 + i);
        return value;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
