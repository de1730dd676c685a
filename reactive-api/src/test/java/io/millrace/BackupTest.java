package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.MillraceException;
import io.millrace.error.StoreClosedException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Backups of a store that is written to. */
final class BackupTest extends StoreTest {
    private static final int ACCOUNTS = 2_000;
    private static final long DEPOSIT = 1_000;
    private static final int IN_FLIGHT = 32;

    @TempDir
    private Path elsewhere;

    private final AtomicLong transfers = new AtomicLong();

    @Override
    StoreOptions options() {
        // Smaller than the bank, so that pages come and go.
        return StoreOptions.at(directory)
                .with("buffer-pool.page-size", "4KiB")
                .with("buffer-pool.size", "256KiB")
                .with("wal.segment-size", "256KiB")
                .with("checkpoint.log-bytes", "256KiB");
    }

    private static OrderedMap<Integer, Long> bank(Store where) {
        return where.map("bank", Codecs.int32(), Codecs.int64());
    }

    private void openBank() {
        await(store.write(tx -> Flux.range(0, ACCOUNTS)
                .concatMap(i -> bank(store).in(tx).put(i, DEPOSIT))
                .then()));
        await(Flux.range(0, 300)
                .concatMap(i -> map.put("filler " + i, "x".repeat(i % 40 == 0 ? 20_000 : 700)))
                .then());
    }

    /** Transfers until told otherwise; each puts its number into the map once it is done. */
    private CompletableFuture<Void> transfer(AtomicBoolean stop) {
        Random dice = new Random(5);
        return Flux.<Integer>generate(sink -> {
                    if (stop.get()) {
                        sink.complete();
                    } else {
                        sink.next(dice.nextInt());
                    }
                })
                .flatMap(
                        seed -> {
                            int from = Math.floorMod(seed, ACCOUNTS);
                            int to = Math.floorMod(seed / ACCOUNTS, ACCOUNTS);
                            return store.write(tx -> bank(store)
                                            .in(tx)
                                            .compute(from, (key, old) -> old - 1)
                                            .then(bank(store).in(tx).compute(to, (key, old) -> old + 1))
                                            .thenReturn(true))
                                    .onErrorResume(
                                            failure ->
                                                    failure instanceof MillraceException known && known.isTransient(),
                                            lost -> Mono.empty())
                                    .doOnNext(done -> transfers.incrementAndGet());
                        },
                        IN_FLIGHT)
                .then()
                .toFuture();
    }

    private static long sum(Store where) {
        List<Entry<Integer, Long>> accounts =
                await(bank(where).scan(Range.all()).collectList());
        assertEquals(ACCOUNTS, accounts.size());
        return accounts.stream().mapToLong(Entry::value).sum();
    }

    private static StoreReport check(Path where) throws IOException {
        try (StorageDirectory files = LocalDirectory.open(where)) {
            return StoreCheck.check(files);
        }
    }

    private Store openCopy(Path where) {
        return await(Store.open(
                StoreOptions.at(where).with("buffer-pool.size", "1MiB").with("wal.segment-size", "256KiB")));
    }

    @Test
    void aFileThatGrowsMeanwhileIsAsLongInTheCopy() throws IOException {
        openBank();
        // Each takes a page of its own.
        String page = "x".repeat(3_000);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger grown = new AtomicInteger();
        CompletableFuture<Void> growth = Flux.range(0, 200_000)
                .takeUntil(i -> stop.get())
                .flatMap(i -> map.put("grown " + i, page).doOnTerminate(grown::incrementAndGet), IN_FLIGHT)
                .then()
                .toFuture();
        while (grown.get() < 500) {
            Thread.onSpinWait();
        }
        Path copy = elsewhere.resolve("copy");
        BackupInfo info = await(store.backup(copy));
        stop.set(true);
        await(Mono.fromFuture(growth));
        assertEquals(size(copy), info.bytes());
        Store opened = openCopy(copy);
        OrderedMap<String, String> words = opened.map("map", Codecs.utf8(), Codecs.utf8());
        await(Flux.range(0, 3_000)
                .flatMap(i -> words.put("own " + i, page), IN_FLIGHT)
                .then());
        assertEquals(ACCOUNTS * DEPOSIT, sum(opened));
        await(opened.close());
        assertEquals(List.of(), check(copy).findings());
    }

    @Test
    void aBackupUnderLoadIsOneMoment() throws IOException {
        openBank();
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> load = transfer(stop);
        for (int i = 0; i < 4; i++) {
            long target = transfers.get() + 200;
            while (transfers.get() < target) {
                Thread.onSpinWait();
            }
            await(map.put("mark", "before " + i));
            long acknowledged = store.durableLsn();
            Path copy = elsewhere.resolve("copy" + i);
            BackupInfo info = await(store.backup(copy));
            assertTrue(info.lsn() >= acknowledged, () -> info + " after " + acknowledged);
            assertTrue(info.files() >= 4);
            assertEquals(size(copy), info.bytes());
            await(map.put("mark", "after"));
            Store opened = openCopy(copy);
            assertEquals(info.lsn(), opened.recoveryReport().endLsn());
            assertEquals(ACCOUNTS * DEPOSIT, sum(opened));
            OrderedMap<String, String> words = opened.map("map", Codecs.utf8(), Codecs.utf8());
            assertEquals("before " + i, await(words.get("mark")));
            assertEquals(301, await(words.count(Range.all())));
            assertEquals(20_000, await(words.get("filler 40")).length());
            // It goes on as any other.
            await(words.put("own", "1"));
            await(opened.close());
            StoreReport report = check(copy);
            assertTrue(report.sound(), () -> report.findings().toString());
            assertEquals(List.of(), await(reopenedMaps(copy)));
        }
        stop.set(true);
        load.join();
        assertEquals(ACCOUNTS * DEPOSIT, sum(store));
    }

    /** Nothing but the maps there should be. */
    private Mono<List<String>> reopenedMaps(Path copy) {
        Store opened = openCopy(copy);
        return opened.maps()
                .filter(name -> !name.equals("bank") && !name.equals("map"))
                .collectList()
                .delayUntil(names -> opened.close());
    }

    private static long size(Path where) throws IOException {
        try (Stream<Path> files = Files.walk(where)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(BackupTest::sizeOf)
                    .sum();
        }
    }

    private static long sizeOf(Path file) {
        return file.toFile().length();
    }

    @Test
    void whatIsNotCommittedIsNotInIt() {
        await(map.put("k", "committed"));
        Transaction open = await(store.begin(TransactionOptions.defaults()));
        await(map.in(open).put("k", "open"));
        await(map.in(open).put("l", "open"));
        Path copy = elsewhere.resolve("copy");
        await(store.backup(copy));
        await(open.commit());
        Store opened = openCopy(copy);
        assertEquals(
                "committed",
                await(opened.map("map", Codecs.utf8(), Codecs.utf8()).get("k")));
        assertEquals(1, await(opened.map("map", Codecs.utf8(), Codecs.utf8()).count(Range.all())));
        // Its log is its own, with the positions of the original.
        Commit first = opened.changes(0).blockFirst(PATIENCE);
        assertEquals("k", new String(first.changes().get(0).key(), java.nio.charset.StandardCharsets.UTF_8));
        assertFalse(storeId(opened) == storeId(store));
        await(opened.close());
    }

    private static long storeId(Store where) {
        return ((MillraceStore) where).engine().assembly().storeId();
    }

    @Test
    void anEmptyStoreHasABackup() {
        Path copy = elsewhere.resolve("copy");
        await(store.backup(copy));
        Store opened = openCopy(copy);
        assertEquals(List.of(), await(opened.maps().collectList()));
        await(opened.close());
    }

    @Test
    void theTargetMustBeEmpty() throws IOException {
        await(map.put("k", "v"));
        Path file = Files.writeString(elsewhere.resolve("mine"), "precious");
        assertThrows(IncompatibleFormatException.class, () -> await(store.backup(elsewhere)));
        assertThrows(IncompatibleFormatException.class, () -> await(store.backup(directory)));
        assertEquals("precious", Files.readString(file));
        Path below = Files.createDirectory(elsewhere.resolve("full"));
        Files.createDirectory(below.resolve("sub"));
        assertThrows(IncompatibleFormatException.class, () -> await(store.backup(below)));
        assertThrows(MillraceException.class, () -> await(store.backup(file)));
        assertThrows(NullPointerException.class, () -> await(store.backup(null)));
        assertEquals("v", await(map.get("k")));
    }

    @Test
    void cancelledItLeavesNothing() throws IOException {
        openBank();
        for (int i = 0; i < 10; i++) {
            Path copy = elsewhere.resolve("copy" + i);
            Disposable backup = store.backup(copy).subscribe();
            long size = i * 100_000L;
            while (Files.isDirectory(copy) && size(copy) < size && !backup.isDisposed()) {
                Thread.onSpinWait();
            }
            boolean finished = backup.isDisposed();
            backup.dispose();
            awaitQuiet();
            assertTrue(finished || Map.of().equals(StoreFixture.read(copy)) || isWhole(copy));
        }
        assertTrue(((MillraceStore) store).engine().wal().holders().isEmpty());
    }

    /** It was over before the cancellation came. */
    private static boolean isWhole(Path copy) {
        return Files.exists(copy.resolve("millrace.control"));
    }

    @Test
    void closingTheStoreEndsIt() {
        openBank();
        CompletableFuture<BackupInfo> backup =
                store.backup(elsewhere.resolve("copy")).toFuture();
        await(store.close());
        Object outcome = backup.handle((info, failure) -> failure == null ? info : failure)
                .join();
        assertTrue(outcome instanceof BackupInfo || outcome instanceof StoreClosedException, outcome::toString);
        assertInstanceOf(
                StoreClosedException.class,
                assertThrows(MillraceException.class, () -> await(store.backup(elsewhere.resolve("late")))));
        open();
    }
}
