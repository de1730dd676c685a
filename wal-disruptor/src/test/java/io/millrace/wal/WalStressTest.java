package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.MillraceException;
import io.millrace.testkit.Seeds;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.wal.TestLog.Events;
import io.millrace.wal.TestLog.Grant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Many producers on a ring far too small for them, and a power loss in the middle. */
final class WalStressTest {
    private static final int PRODUCERS = 8;
    private static final int RECORDS = 1_500;

    @Test
    void everyRecordComesBackOnceInLsnOrder() {
        Seeds.forEach(3, (seed, random) -> {
            SimulatedDirectory disk = TestLog.disk(seed);
            Producers producers = new Producers(disk, random, RECORDS);
            producers.run();
            TreeMap<Long, Long> read = new TreeMap<>();
            TestLog.recover(disk, producers.lastAcknowledged.get(), read);
            assertEquals(producers.written, read);
            assertEquals(PRODUCERS * RECORDS, read.size());
        });
    }

    @Test
    void whatWasToldDurableSurvivesPowerLossAtAnyMoment() {
        Seeds.forEach(3, (seed, random) -> {
            SimulatedDirectory disk = TestLog.disk(seed);
            disk.tornAtAnyByte(name -> true);
            Producers producers = new Producers(disk, random, RECORDS / 3);
            CompletableFuture<Void> running = CompletableFuture.runAsync(producers);
            Random dice = new Random(seed);
            do {
                long acknowledged = producers.lastAcknowledged.get();
                SimulatedDirectory after = disk.afterPowerLoss(dice);
                TreeMap<Long, Long> read = new TreeMap<>();
                RecoveredLog log = TestLog.recover(after, acknowledged, read);
                assertTrue(log.endLsn() >= acknowledged);
                LogStart next = LogRecovery.seal(log, 2);
                assertEquals(read, TestLog.read(log.reader(), 0));
                assertEquals(log.endLsn() + 1, next.nextLsn());
            } while (!running.isDone());
            running.join();
        });
    }

    /** The load. */
    private static final class Producers implements Runnable {
        final Map<Long, Long> written = new ConcurrentHashMap<>();
        final AtomicLong lastAcknowledged = new AtomicLong();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final SimulatedDirectory disk;
        private final List<Random> randoms = new ArrayList<>();
        private final int records;

        Producers(SimulatedDirectory disk, Random random, int records) {
            this.disk = disk;
            this.records = records;
            for (int i = 0; i < PRODUCERS; i++) {
                randoms.add(new Random(random.nextLong()));
            }
        }

        @Override
        public void run() {
            ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
            ExecutorService workers = Executors.newSingleThreadExecutor();
            try (Wal wal = Wal.start(TestLog.options(), disk, TestLog.fresh(), workers, new Handing(workers))) {
                List<CompletableFuture<Void>> ends = new ArrayList<>();
                for (int i = 0; i < PRODUCERS; i++) {
                    int producer = i;
                    ends.add(CompletableFuture.runAsync(() -> produce(wal, producer), threads));
                }
                ends.forEach(CompletableFuture::join);
                wal.awaitDurable(wal.claimedLsn());
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                threads.shutdown();
                workers.shutdown();
            }
            if (failure.get() != null) {
                throw new AssertionError(failure.get());
            }
        }

        private void produce(Wal wal, int producer) {
            Random random = randoms.get(producer);
            for (int i = 0; i < records; i++) {
                long number = (long) producer * records + i;
                int length = TestLog.LEAST + random.nextInt(random.nextInt(20) == 0 ? 6_000 : 600);
                int held = length + random.nextInt(300);
                Share share = random.nextInt(10) == 0 ? Share.COMMIT : Share.NORMAL;
                long undo = random.nextInt(500);
                if (!wal.tryAdmit(held, undo, share)) {
                    Grant grant = new Grant();
                    wal.awaitAdmission(held, undo, share, grant);
                    grant.await();
                }
                wal.shrink(held, undo, length, undo);
                written.put(TestLog.append(wal, number, length, new Ack()), number);
                wal.releaseUndo(undo);
            }
        }

        /** Acknowledgements come in LSN order: there is one worker. */
        private final class Ack implements CommitWaiter {
            @Override
            public void reached(long lsn) {
                if (lastAcknowledged.getAndSet(lsn) >= lsn) {
                    failure.set(new AssertionError("LSN " + lsn + " was told out of order"));
                }
            }

            @Override
            public void lost(MillraceException cause) {
                failure.set(cause);
            }
        }
    }

    private static final class Handing extends Events {
        private final Executor workers;

        Handing(Executor workers) {
            this.workers = workers;
        }

        @Override
        public void batchDurable(Runnable batch) {
            workers.execute(batch);
        }
    }
}
