package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.error.MillraceException;
import io.millrace.storage.StorageDirectory;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What the tests of the log share: records that prove themselves, waiters that can be waited for, small logs. */
final class TestLog {
    static final long STORE = 0x1234_5678_9ABC_DEF0L;
    static final int LARGEST = 20_480;
    static final int SLOT = 256;

    private static final int NUMBER = RecordLayout.HEADER_LENGTH;
    private static final int FILLER = NUMBER + Long.BYTES;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Smallest record of {@link #append}. */
    static final int LEAST = FILLER;

    private static final ThreadLocal<RecordWriter> WRITERS = ThreadLocal.withInitial(() -> new RecordWriter(LARGEST));

    private TestLog() {}

    static WalOptions options() {
        return options(SyncMode.FORCE);
    }

    static WalOptions options(SyncMode mode) {
        return new WalOptions(256, SLOT, 256 << 10, LARGEST, mode);
    }

    /** With intervals and delays that only end by themselves where the test's clock is simulated. */
    static WalOptions options(LogSync sync, EngineThreads threads) {
        return new WalOptions(256, SLOT, 256 << 10, LARGEST, sync, LogKeeping.NEEDED, threads);
    }

    /** An empty disk with the log's directory, durable. */
    static SimulatedDirectory disk(long seed) throws IOException {
        SimulatedDirectory disk = new SimulatedDirectory(seed);
        disk.createDirectory(SegmentLayout.DIRECTORY);
        disk.force();
        return disk;
    }

    static LogStart fresh() {
        return new LogStart(STORE, 1, 1, 1, 0, List.of());
    }

    static Wal start(StorageDirectory directory, Events events) throws IOException {
        return Wal.start(options(), directory, fresh(), Runnable::run, events);
    }

    /** The record of this number and length; its bytes follow from both. */
    static RecordWriter encode(long number, int length) {
        RecordWriter writer = WRITERS.get().reset();
        writer.putInt(length)
                .putByte(RecordKind.MINI_TRANSACTION.code())
                .putByte(0)
                .putShort(0)
                .putLong(number);
        for (int i = FILLER; i < length; i++) {
            writer.putByte(filler(number, i));
        }
        return writer;
    }

    private static int filler(long number, int index) {
        return (int) (number * 31 + index * 7L) & 0xFF;
    }

    /** Fails unless the record at this address is what {@link #encode} made; answers its number. */
    static long check(long address, int length) {
        assertEquals(length, Memory.getInt(address + RecordLayout.LENGTH));
        long number = Memory.getLong(address + NUMBER);
        for (int i = FILLER; i < length; i++) {
            if (Memory.getUnsignedByte(address + i) != filler(number, i)) {
                fail("byte " + i + " of record " + number + " is wrong");
            }
        }
        return number;
    }

    /** Appends what was admitted already; answers the LSN. */
    static long append(Wal wal, long number, int length, CommitWaiter waiter) {
        RecordWriter writer = encode(number, length);
        long lsn = wal.claim(length);
        wal.copy(lsn, length, writer.address());
        if (waiter != null) {
            wal.waiter(lsn, waiter);
        }
        wal.publish(lsn, length);
        wal.wake(true);
        return lsn;
    }

    /** Admits, without waiting, and appends. */
    static long write(Wal wal, long number, int length) {
        assertTrue(wal.tryAdmit(length, 0, Share.NORMAL));
        return append(wal, number, length, null);
    }

    /** Admits, waiting for it if need be, appends, and waits until it is durable. */
    static long writeDurably(Wal wal, long number, int length) {
        long lsn = append(wal, number, admit(wal, length), null);
        wal.awaitDurable(lsn);
        return lsn;
    }

    /** Admits, waiting for it if need be, appends, and waits until it is visible. */
    static long writeSoon(Wal wal, long number, int length) {
        Durable waiter = new Durable();
        append(wal, number, admit(wal, length), waiter);
        return waiter.lsn();
    }

    /** Fills two segments, so that one that is no longer needed is used again; answers the last LSN. */
    static long writeRecycling(Wal wal, long firstNumber, TreeMap<Long, Long> written) {
        long number = firstNumber;
        for (int i = 0; i < 60; i++) {
            written.put(writeSoon(wal, number, 9_000), number++);
        }
        return written.lastKey();
    }

    private static int admit(Wal wal, int length) {
        Grant grant = new Grant();
        if (!wal.tryAdmit(length, 0, Share.NORMAL)) {
            wal.awaitAdmission(length, 0, Share.NORMAL, grant);
            grant.await();
        }
        return length;
    }

    /** Record numbers by LSN, each record checked. */
    static TreeMap<Long, Long> read(LogReader reader, long fromLsn) throws IOException {
        TreeMap<Long, Long> records = new TreeMap<>();
        reader.scan(fromLsn, collect(records));
        return records;
    }

    static RecordConsumer collect(TreeMap<Long, Long> records) {
        return (lsn, address, length) -> {
            assertTrue(records.isEmpty() || lsn > records.lastKey(), "records come in LSN order");
            records.put(lsn, check(address, length));
        };
    }

    static RecoveredLog recover(StorageDirectory disk, TreeMap<Long, Long> records) throws IOException {
        return recover(disk, 0, records);
    }

    static RecoveredLog recover(StorageDirectory disk, long durable, TreeMap<Long, Long> records) throws IOException {
        return recoverFrom(disk, 0, durable, records);
    }

    static RecoveredLog recoverFrom(StorageDirectory disk, long from, long durable, TreeMap<Long, Long> records)
            throws IOException {
        return LogRecovery.findEnd(disk, STORE, from, new LogProofs(durable, "the test"), collect(records));
    }

    /** Waits for a condition that another thread brings about. */
    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "it never happened");
            // Not a guess at how long it takes, only a courtesy to the thread that brings it about.
            LockSupport.parkNanos(10_000);
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Waits for credits. */
    static final class Grant implements AdmissionWaiter {
        private final CompletableFuture<MillraceException> answer = new CompletableFuture<>();

        @Override
        public void admitted() {
            assertTrue(answer.complete(null), "answered twice");
        }

        @Override
        public void refused(MillraceException cause) {
            assertTrue(answer.complete(cause), "answered twice");
        }

        boolean isAnswered() {
            return answer.isDone();
        }

        /** Waits until admitted. */
        void await() {
            MillraceException cause = get(answer);
            if (cause != null) {
                throw cause;
            }
        }

        /** Waits until refused; answers why. */
        MillraceException refusal() {
            MillraceException cause = get(answer);
            assertTrue(cause != null, "it was admitted");
            return cause;
        }
    }

    /** Waits for durability. */
    static final class Durable implements CommitWaiter {
        private final CompletableFuture<Object> answer = new CompletableFuture<>();

        @Override
        public void reached(long lsn) {
            assertTrue(answer.complete(lsn), "answered twice");
        }

        @Override
        public void lost(MillraceException cause) {
            assertTrue(answer.complete(cause), "answered twice");
        }

        boolean isAnswered() {
            return answer.isDone();
        }

        /** The LSN told. */
        long lsn() {
            return (Long) get(answer);
        }

        /** The error told. */
        MillraceException cause() {
            return (MillraceException) get(answer);
        }
    }

    /** Runs batches where they come, and remembers. */
    static class Events implements WalListener {
        private final List<Throwable> poison = new ArrayList<>();
        final ConcurrentLinkedQueue<Runnable> batches = new ConcurrentLinkedQueue<>();

        @Override
        public void batchDurable(Runnable batch) {
            batches.add(batch);
            batch.run();
        }

        @Override
        public synchronized void poisoned(Throwable cause) {
            poison.add(cause);
        }

        synchronized int poisonings() {
            return poison.size();
        }
    }
}
