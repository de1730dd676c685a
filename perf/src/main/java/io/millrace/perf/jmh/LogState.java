package io.millrace.perf.jmh;

import io.millrace.error.MillraceException;
import io.millrace.perf.Directories;
import io.millrace.perf.load.Slot;
import io.millrace.storage.LocalDirectory;
import io.millrace.wal.AdmissionWaiter;
import io.millrace.wal.CommitWaiter;
import io.millrace.wal.LogStart;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordWriter;
import io.millrace.wal.Share;
import io.millrace.wal.SyncMode;
import io.millrace.wal.Wal;
import io.millrace.wal.WalListener;
import io.millrace.wal.WalOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The log alone: records of any content, forced in groups, segments let go of as soon as they are behind. */
@State(Scope.Benchmark)
public class LogState {
    private static final int LARGEST = 65_536;
    private static final long SEGMENT_BYTES = 16 << 20;
    /** Records between two truncations. */
    private static final int TRUNCATE_EVERY = 10_000;

    /** Slots of the ring. */
    @Param("16384")
    public int slots;

    /** Bytes of a slot. */
    @Param("256")
    public int slotSize;

    /** Bytes of a record. */
    @Param("150")
    public int recordSize;

    /** How a batch becomes durable. */
    @Param("FORCE")
    public SyncMode sync;

    private Path path;
    private LocalDirectory directory;
    private ExecutorService workers;
    private Wal wal;

    /** A thread's buffer for encoding. */
    @State(Scope.Thread)
    public static class Writer {
        private final RecordWriter writer = new RecordWriter(LARGEST);
        private long count;
    }

    /** Starts an empty log. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        path = Files.createTempDirectory("millrace-bench-");
        directory = LocalDirectory.open(path);
        directory.createDirectory("wal");
        workers = Executors.newFixedThreadPool(2);
        WalOptions options = new WalOptions(slots, slotSize, SEGMENT_BYTES, LARGEST, sync);
        wal = Wal.start(options, directory, new LogStart(1, 1, 1, 1, 0, List.of()), workers, new WalListener() {
            @Override
            public void batchDurable(Runnable batch) {
                workers.execute(batch);
            }

            @Override
            public void poisoned(Throwable cause) {
                throw new IllegalStateException("the log has failed", cause);
            }
        });
    }

    /** Stops and deletes it. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        wal.close();
        workers.shutdown();
        directory.close();
        Directories.delete(path);
    }

    /** Appends a record; its durability completes {@code slot}, unless that is null. */
    long append(Writer own, Slot slot) {
        RecordWriter record = own.writer.reset();
        record.putInt(recordSize)
                .putByte(RecordKind.MINI_TRANSACTION.code())
                .putByte(0)
                .putShort(0);
        while (record.position() < recordSize) {
            record.putByte(record.position());
        }
        if (!wal.tryAdmit(recordSize, 0, Share.NORMAL)) {
            CompletableFuture<Void> admitted = new CompletableFuture<>();
            wal.awaitAdmission(recordSize, 0, Share.NORMAL, new Admitted(admitted));
            admitted.join();
        }
        long lsn = wal.claim(recordSize);
        wal.copy(lsn, recordSize, record.address());
        if (slot != null) {
            wal.waiter(lsn, new Durable(slot));
        }
        wal.publish(lsn, recordSize);
        wal.wake(true);
        if (++own.count % TRUNCATE_EVERY == 0) {
            wal.truncateBefore(wal.durableLsn());
        }
        return lsn;
    }

    private record Admitted(CompletableFuture<Void> answer) implements AdmissionWaiter {
        @Override
        public void admitted() {
            answer.complete(null);
        }

        @Override
        public void refused(MillraceException cause) {
            answer.completeExceptionally(cause);
        }
    }

    private record Durable(Slot slot) implements CommitWaiter {
        @Override
        public void reached(long lsn) {
            slot.onComplete();
        }

        @Override
        public void lost(MillraceException cause) {
            slot.onError(cause);
        }
    }
}
