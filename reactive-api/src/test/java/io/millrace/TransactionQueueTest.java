package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class TransactionQueueTest {
    private final TransactionQueue queue = new TransactionQueue();

    @Test
    void itemsRunInOrderOneAtATime() {
        List<String> log = new ArrayList<>();
        TransactionQueue.Item slow = () -> log.add("slow begins");
        queue.submit(slow);
        queue.submit(() -> {
            log.add("next");
            queue.ended(() -> log.add("after next"));
        });
        assertEquals(List.of("slow begins"), log);
        queue.ended(() -> log.add("after slow"));
        assertEquals(List.of("slow begins", "next", "after next", "after slow"), log);
    }

    @Test
    void sequelMayWaitForAFurtherItem() {
        List<String> log = new ArrayList<>();
        queue.submit(() -> queue.ended(() -> {
            queue.submit(() -> {
                log.add("inner");
                queue.ended(() -> log.add("after inner"));
            });
            log.add("outer");
        }));
        assertEquals(List.of("inner", "after inner", "outer"), log);
    }

    @Test
    void aLongRowNeedsNoStack() {
        AtomicInteger left = new AtomicInteger(100_000);
        CountDownLatch started = new CountDownLatch(1);
        queue.submit(started::countDown);
        for (int i = 0; i < 100_000; i++) {
            queue.submit(() -> queue.ended(left::decrementAndGet));
        }
        queue.ended(() -> {});
        assertEquals(0, left.get());
    }

    @Test
    void manyThreadsNeverRunTwoAtOnce() throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        int rounds = 20_000;
        CountDownLatch done = new CountDownLatch(rounds);
        for (int i = 0; i < rounds; i++) {
            boolean elsewhere = i % 3 == 0;
            threads.execute(() -> queue.submit(() -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Runnable end = () -> {
                    inside.decrementAndGet();
                    queue.ended(done::countDown);
                };
                if (elsewhere) {
                    threads.execute(end);
                } else {
                    end.run();
                }
            }));
        }
        assertTrue(done.await(30, TimeUnit.SECONDS), () -> done.getCount() + " left");
        assertEquals(1, most.get());
        threads.shutdown();
    }
}
