package io.millrace;

import io.millrace.error.StorageFullException;
import io.millrace.recovery.Backup;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/** One subscription to {@link Store#backup}: a backup on a thread of its own. */
final class BackupRun implements OpenWork {
    private final StoreEngine store;
    private final Path target;
    private final MonoSink<BackupInfo> sink;
    private long number;
    /** Any thread sets these, the backup looks. */
    private volatile boolean cancelled;

    private volatile boolean closing;

    private BackupRun(StoreEngine store, Path target, MonoSink<BackupInfo> sink) {
        this.store = store;
        this.target = target;
        this.sink = sink;
    }

    static Mono<BackupInfo> of(StoreEngine store, Path target) {
        return Mono.create(sink -> {
            if (target == null) {
                sink.error(new NullPointerException("the directory is null"));
            } else if (store.gate().enter()) {
                new BackupRun(store, target, sink).begin();
            } else {
                sink.error(store.closedError());
            }
        });
    }

    private void begin() {
        number = store.openWork().add(this);
        sink.onCancel(() -> cancelled = true);
        store.openWork().checkOpen(this);
        store.threads().start("backup", this::run);
    }

    @Override
    public void storeCloses() {
        closing = true;
    }

    private boolean isToEnd() {
        return cancelled || closing;
    }

    private void run() {
        BackupInfo info = null;
        Throwable failure = null;
        long began = store.threads().nanoTime();
        try (StorageDirectory directory = LocalDirectory.open(target)) {
            Backup backup = new Backup(
                    store.assembly().data(),
                    store.wal(),
                    store.assembly().checkpointer(),
                    store.threads(),
                    directory,
                    this::isToEnd);
            if (backup.run()) {
                Duration duration = Duration.ofNanos(store.threads().nanoTime() - began);
                info = new BackupInfo(backup.endLsn(), backup.bytes(), backup.files(), duration);
            } else {
                failure = store.closedError();
            }
        } catch (IOException | RuntimeException | Error thrown) {
            failure = translate(thrown);
        }
        end(info, failure);
    }

    private Throwable translate(Throwable thrown) {
        return thrown instanceof NoSpaceException full
                ? new StorageFullException(full.path(), 0, thrown)
                : StoreOpening.translate("back up to " + target, thrown);
    }

    private void end(BackupInfo info, Throwable failure) {
        store.openWork().remove(number);
        store.workers().execute(() -> {
            store.gate().leave();
            if (failure == null) {
                sink.success(info);
            } else {
                sink.error(failure);
            }
        });
    }
}
