package io.millrace.perf.jmh;

import io.millrace.perf.Directories;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import io.millrace.wal.LogProofs;
import io.millrace.wal.LogRecovery;
import io.millrace.wal.LogStart;
import io.millrace.wal.RecordKind;
import io.millrace.wal.RecordWriter;
import io.millrace.wal.RecoveredLog;
import io.millrace.wal.Share;
import io.millrace.wal.SyncMode;
import io.millrace.wal.Wal;
import io.millrace.wal.WalListener;
import io.millrace.wal.WalOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** How fast is a log found sound, beside nothing but reading its bytes and summing them up? */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
public class LogScan {
    private static final int LARGEST = 65_536;
    private static final int SLOT_BYTES = 256;
    private static final long SEGMENT_BYTES = 64 << 20;
    private static final int READ_BYTES = 1 << 20;
    private static final LogProofs NO_PROOFS = new LogProofs(0, "nobody");

    /** Length of the log. */
    @Param("1024")
    public int mebibytes;

    /** Bytes of a record. */
    @Param("150")
    public int recordSize;

    /** Records in a block, about. */
    @Param("64")
    public int blockRecords;

    private Path path;
    private LocalDirectory directory;
    private long records;

    /** Writes the log. */
    @Setup(Level.Trial)
    public void write() throws IOException {
        path = Files.createTempDirectory("millrace-bench-");
        directory = LocalDirectory.open(path);
        directory.createDirectory("wal");
        WalOptions options = new WalOptions(16_384, SLOT_BYTES, SEGMENT_BYTES, LARGEST, SyncMode.NONE);
        LogStart start = new LogStart(1, 1, 1, 1, 0, List.of());
        try (Wal wal = Wal.start(options, directory, start, Runnable::run, new Quiet())) {
            RecordWriter writer = new RecordWriter(LARGEST);
            writer.putInt(recordSize).putByte(RecordKind.MINI_TRANSACTION.code());
            while (writer.position() < recordSize) {
                writer.putByte(0);
            }
            while (wal.stats().logBytes() < (long) mebibytes << 20) {
                long lsn = 0;
                for (int i = 0; i < blockRecords; i++) {
                    while (!wal.tryAdmit(recordSize, 0, Share.NORMAL)) {
                        Thread.onSpinWait();
                    }
                    lsn = wal.claim(recordSize);
                    wal.copy(lsn, recordSize, writer.address());
                    wal.publish(lsn, recordSize);
                    records++;
                }
                wal.wake(true);
                while (wal.visibleLsn() < lsn) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    /** Deletes it. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        directory.close();
        Directories.delete(path);
    }

    /** What every restart begins with. */
    @Benchmark
    public long scan() throws IOException {
        long[] seen = new long[1];
        try (RecoveredLog log = LogRecovery.findEnd(directory, 1, 0, NO_PROOFS, (lsn, address, length) -> seen[0]++)) {
            if (seen[0] != records) {
                throw new IllegalStateException("read " + seen[0] + " of " + records + " records");
            }
            return log.endLsn();
        }
    }

    /** Positional reads of 1 MiB, and CRC-32C over each. */
    @Benchmark
    public long plainReads() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        CRC32C sum = new CRC32C();
        for (String name : directory.list("wal")) {
            try (StorageFile file = directory.open(name, OpenMode.READ)) {
                for (long at = 0; at < file.size(); at += READ_BYTES) {
                    file.read(at, buffer.clear());
                    sum.update(buffer.flip());
                }
            }
        }
        return sum.getValue();
    }

    /** Nobody waits for anything. */
    private static final class Quiet implements WalListener {
        @Override
        public void batchDurable(Runnable batch) {
            batch.run();
        }

        @Override
        public void poisoned(Throwable cause) {
            throw new IllegalStateException("the log has failed", cause);
        }
    }
}
