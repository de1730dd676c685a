package io.millrace;

import io.millrace.error.StoreClosedException;
import java.nio.file.Path;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * An open store: ordered maps in one directory, changed by durable transactions. Thread-safe; no call blocks, none throws for what can be
 * signalled.
 *
 * <p>Publishers are cold: each subscription does the work anew. What needed no wait signals on the subscribing thread, everything else on the
 * store's completion workers. After {@link #close} every publisher signals {@link StoreClosedException}.
 */
public interface Store {
    /**
     * Opens the store in a directory, which is created if need be; after a crash, recovery runs first. Starts when subscribed, on a thread of
     * the store's own, where it also signals. Cancelled while it runs, it closes what it has opened.
     *
     * <p>Errors, with nothing changed: {@link io.millrace.error.InvalidConfigurationException}; {@link
     * io.millrace.error.StoreLockedException} if another process, or another store of this one, has it open; {@link
     * io.millrace.error.IncompatibleFormatException} for a foreign directory or a newer format; {@link
     * io.millrace.error.CorruptLogException} and {@link io.millrace.error.CorruptPageException} for damage; {@link
     * io.millrace.error.StorageFullException}; {@link io.millrace.error.StorageIoException}.
     */
    static Mono<Store> open(StoreOptions options) {
        return StoreOpening.open(options);
    }

    /**
     * A handle on the map {@code name}, which comes into being with its first write. Costs nothing, checks nothing: a name that is null, empty
     * or too long is signalled by the operations.
     */
    <K, V> OrderedMap<K, V> map(String name, Codec<K> keys, Codec<V> values);

    /** {@link #write(TransactionOptions, Function)} with the defaults. */
    default <R> Mono<R> write(Function<? super Transaction, ? extends Mono<R>> work) {
        return write(TransactionOptions.defaults(), work);
    }

    /**
     * Runs {@code work} in a transaction, commits it when its Mono completes, and emits its value when the commit is durable. If it fails, the
     * transaction is rolled back. After a transient error (conflict, deadlock, lock time-out, snapshot too old), its own or the commit's, the
     * whole is run again, in a new transaction after a short random pause, as often as the options say: {@code work} may run several times.
     *
     * <p>Begins when subscribed. {@code work} is called on the subscribing thread, when run again on a completion worker. Signals on a
     * completion worker, or where {@code work} did if nothing was written. Cancelled before the commit record is published, the transaction
     * is rolled back; afterwards the commit stands.
     *
     * <p>Errors: those of {@code work}; those of {@link Transaction#commit}, of which {@link io.millrace.error.OutcomeUnknownException} is
     * never retried; {@link io.millrace.error.StoreOverloadedException}.
     */
    <R> Mono<R> write(TransactionOptions options, Function<? super Transaction, ? extends Mono<R>> work);

    /** {@link #writeMany(TransactionOptions, Function)} with the defaults. */
    default <R> Flux<R> writeMany(Function<? super Transaction, ? extends Publisher<R>> work) {
        return writeMany(TransactionOptions.defaults(), work);
    }

    /**
     * Like {@link #write(TransactionOptions, Function)} for many values. Nothing is emitted before the commit is durable: until then the values
     * are collected, at most {@code transaction.max-results} of them; more are a {@link io.millrace.error.LimitExceededException}.
     */
    <R> Flux<R> writeMany(TransactionOptions options, Function<? super Transaction, ? extends Publisher<R>> work);

    /** {@link #read(TransactionOptions, Function)} with the defaults. */
    default <R> Flux<R> read(Function<? super Snapshot, ? extends Publisher<R>> work) {
        return read(TransactionOptions.defaults(), work);
    }

    /**
     * Runs {@code work} on one consistent snapshot, taken when this is subscribed, and emits its values as they come and are requested. The
     * snapshot ends with the publisher, however that ends. {@code work} runs once, on the subscribing thread; an error is not retried, since
     * values may have been emitted. Of the options, the time-out counts, if it is given.
     *
     * <p>Errors: those of {@code work}; {@link io.millrace.error.StoreOverloadedException}.
     */
    <R> Flux<R> read(TransactionOptions options, Function<? super Snapshot, ? extends Publisher<R>> work);

    /**
     * Begins a transaction, to be ended by {@link Transaction#commit} or {@link Transaction#rollback}. Its snapshot is taken when this is
     * subscribed; signals on the subscribing thread. Cancelled before emission, it is rolled back. Prefer {@link #write}, which can't forget to
     * end it.
     *
     * <p>Errors: {@link io.millrace.error.StoreOverloadedException} if too many are open.
     */
    Mono<Transaction> begin(TransactionOptions options);

    /** The newest log position that is on stable storage; the last one after {@link #close}. */
    long durableLsn();

    /** Figures of this moment; of the last one after {@link #close}. */
    StoreStats stats();

    /** What opening had to do. */
    RecoveryReport recoveryReport();

    /** Names of the maps that exist, in order, of one snapshot. */
    Flux<String> maps();

    /**
     * Drops the map {@code name}; emits whether there was one, when that is durable. The drop is a transaction of its own. It waits for
     * transactions that have written to the map and are running, as long as an operation waits for a lock.
     *
     * <p>Snapshots taken before, and transactions on them, still see the map until they end; a write to it in such a transaction is a conflict. A
     * handle stays good: its next write creates the map anew, empty. The space comes back in the background, once no snapshot sees the
     * map, also after a crash.
     *
     * <p>Starts when subscribed; cancelled before its record is published, it has not happened. Errors: {@link
     * io.millrace.error.LockTimeoutException}, {@link io.millrace.error.OutcomeUnknownException}, {@link
     * io.millrace.error.StorageIoException}.
     */
    Mono<Boolean> drop(String name);

    /**
     * Gives the map {@code from} the name {@code to}; completes when that is durable. A transaction of its own, which waits like {@link #drop}.
     * Snapshots taken before still find the map under its former name, and only there; a write to either name in a transaction on such a
     * snapshot is a conflict. Handles go by the name: those of {@code from} create a new map by their next write.
     *
     * <p>Errors: {@link IllegalStateException} if there is no map {@code from}, or there is one {@code to}; {@link
     * io.millrace.error.LimitExceededException} for a name that is empty or too long; otherwise as {@link #drop}.
     */
    Mono<Void> rename(String from, String to);

    /**
     * Writes changed pages back and moves the point from which a restart would repeat history. Never needed: the store does so by itself.
     * Starts when subscribed, signals on a completion worker; calls that overlap join. A cancellation does not stop it. Error: {@link
     * io.millrace.error.StorageIoException}.
     */
    Mono<Void> checkpoint();

    /**
     * Makes the data file shorter while it is in use: merges pages that are not full, moves pages from the end of the file to free places before,
     * and cuts off what is free at the end. Readers and writers go on meanwhile and wait for nothing but the disk. Never needed: free
     * pages are used again anyway. What stays is not much more than what is in use. Pages of values that are too long for a
     * leaf are not moved: the file is cut behind the last of them.
     *
     * <p>Spends at most {@code bytesPerSecond} on average, counted in pages that it looks at, loads or changes. Starts when subscribed, after
     * compactions that were asked for before; begins with a pause of up to 200 ms if what was deleted or dropped just now is not free to go
     * yet, and of up to ten seconds while it is being freed. What an open snapshot needs stays. If others need more space meanwhile than there is before the end of the file, or if a backup
     * runs, nothing is cut off. Cancelled, it ends with the page it is at, and what it has done stays; so it does if the process dies.
     *
     * <p>Signals on a completion worker. Errors: {@link IllegalArgumentException} if {@code bytesPerSecond} is not positive; {@link
     * StoreClosedException}, also if the store is closed meanwhile; {@link io.millrace.error.StorageFullException} if there is no room for its
     * log; {@link io.millrace.error.CorruptPageException} if a page can't be read; {@link io.millrace.error.StorageIoException}.
     */
    Mono<CompactInfo> compact(long bytesPerSecond);

    /**
     * Copies the store into {@code target}, which is created if need be and must be empty, while work goes on: a consistent copy that opens as a
     * store, with everything that was committed up to {@link BackupInfo#lsn} and nothing else. Everything is forced when this completes. A
     * damaged page ends it.
     *
     * <p>Opening the copy repeats some log, as after a crash. It is a store of its own, with another id: its log is never taken for the
     * original's. Settings are not copied.
     *
     * <p>Starts when subscribed, on a thread of the store's own; signals on a completion worker. Cancelled, or failed, it removes what it has
     * written. While it runs the log is kept.
     *
     * <p>Errors: {@link io.millrace.error.IncompatibleFormatException} if the directory is not empty; {@link
     * io.millrace.error.StorageFullException}, {@link io.millrace.error.StorageIoException} if it can't be written, or the store can't any more;
     * {@link io.millrace.error.CorruptPageException}, {@link io.millrace.error.CorruptLogException} for damage.
     */
    Mono<BackupInfo> backup(Path target);

    /**
     * What has been committed behind {@code afterLsn}, commit by commit, and then what will be, as it comes: never ends by itself. A position is the
     * {@link Commit#lsn} received last, or a {@link Snapshot#lsn} whose content one has; 0 is the beginning of the log, {@link #durableLsn} the
     * present end. Each commit appears once, in the order of their LSNs, and only when it is forced: what was emitted no crash takes back. What
     * was rolled back, as a whole or to a savepoint, does not appear, nor do locks; nor do the entries that {@link OrderedMap#load} brings into a map
     * that did not exist.
     *
     * <p>Changes name their map as it was called then. A map that is dropped or renamed is a {@link Change} itself; that of a map's creation is
     * its first entry.
     *
     * <p>Reads the log on a thread of the store's own when there is demand, as far as it is needed, and signals on a completion worker. While a
     * stream is open, the log that it still needs is kept, up to {@code changes.max-held-log}; between two subscriptions it is not: see
     * {@code wal.retain} and {@code wal.archive-directory}, from which it reads as well. Cancelling lets go of all that.
     *
     * <p>Errors: {@link io.millrace.error.LogPositionGoneException} if the log no longer reaches back so far, or a slow stream has needed too much of
     * it; {@link io.millrace.error.LimitExceededException} at a commit larger than {@code changes.max-commit-size}; {@link
     * IllegalArgumentException} for a position that is negative or beyond the end of the log; {@link
     * io.millrace.error.CorruptLogException}; {@link io.millrace.error.StorageIoException} if a write of the store has failed, after all that
     * had been forced before; {@link io.millrace.error.StoreOverloadedException} if too many streams are open.
     */
    Flux<Commit> changes(long afterLsn);

    /**
     * Closes: refuses new operations with {@link StoreClosedException}, lets those that run finish, rolls open transactions back, ends scans
     * with that error, writes everything back and releases the directory. Starts when first subscribed and can't be stopped; every subscription
     * completes when it is done, on a thread of the store's own, or at once if it was. It may be waited for wherever a signal of the store has led,
     * but not in a function given to {@code compute} nor in a codec: the store waits for those.
     */
    Mono<Void> close();
}
