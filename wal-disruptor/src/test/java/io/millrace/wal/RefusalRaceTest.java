package io.millrace.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.common.EngineThreads;
import io.millrace.error.MillraceException;
import io.millrace.error.StorageFullException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The disk is found full while credits are being granted: who waits is admitted or refused, never both, never neither. */
final class RefusalRaceTest {
    private static final int ROUNDS = 20_000;
    private static final int LENGTH = 100;

    private final Admission admission = new Admission(
            new LogRing(256, 256, 1, new LogSignal(EngineThreads.SYSTEM)),
            TestLog.options(),
            Runnable::run,
            () -> null);
    private final AtomicBoolean stop = new AtomicBoolean();

    @Test
    void everyWaiterIsAnsweredExactlyOnce() {
        // What the other share keeps back comes on top.
        admission.addBytes((1 << 30) + TestLog.options().usableBytes() / 2);
        StorageFullException full = new StorageFullException("wal", 1, null);
        CompletableFuture<Void> refusing = CompletableFuture.runAsync(() -> {
            while (!stop.get()) {
                admission.refuseAll(full);
                LockSupport.parkNanos(1);
            }
        });
        try {
            for (int i = 0; i < ROUNDS; i++) {
                Answers answers = new Answers();
                admission.await(LENGTH, 0, Share.NORMAL, answers);
                TestLog.until(() -> answers.all() > 0);
                if (answers.admitted.get() > 0) {
                    admission.giveBack(LENGTH, 0);
                }
                assertEquals(1, answers.all(), "round " + i);
            }
        } finally {
            stop.set(true);
        }
        refusing.join();
        assertTrue(admission.tryAdmit(LENGTH, 0, Share.NORMAL), "nothing is left in line, no credit is lost");
        assertEquals((1 << 30) - LENGTH - BlockLayout.HEADER_LENGTH, admission.freeBytes());
    }

    private static final class Answers implements AdmissionWaiter {
        private final AtomicInteger admitted = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();

        @Override
        public void admitted() {
            admitted.incrementAndGet();
        }

        @Override
        public void refused(MillraceException cause) {
            refused.incrementAndGet();
        }

        int all() {
            return admitted.get() + refused.get();
        }
    }
}
