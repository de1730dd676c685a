package io.millrace.btree;

import io.millrace.storage.StorageDirectory;
import io.millrace.txn.MiniTransaction;
import io.millrace.wal.LogStart;
import io.millrace.wal.SyncMode;
import io.millrace.wal.Wal;
import io.millrace.wal.WalListener;
import io.millrace.wal.WalOptions;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The log of a {@link TestStore}. */
final class TestLog {
    private static final int SLOTS = 4096;
    private static final int SLOT_BYTES = 256;
    private static final long SEGMENT_BYTES = 4 << 20;

    private TestLog() {}

    static Wal start(
            StorageDirectory directory, int pageSize, long storeId, Executor workers, Consumer<Throwable> whenPoisoned)
            throws Exception {
        WalOptions options =
                new WalOptions(SLOTS, SLOT_BYTES, SEGMENT_BYTES, MiniTransaction.capacity(pageSize), SyncMode.FORCE);
        return Wal.start(options, directory, new LogStart(storeId, 1, 1, 1, 0, List.of()), workers, new WalListener() {
            @Override
            public void batchDurable(Runnable batch) {
                workers.execute(batch);
            }

            @Override
            public void poisoned(Throwable cause) {
                whenPoisoned.accept(cause);
            }
        });
    }
}
