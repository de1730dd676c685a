package io.millrace.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    @Test
    void aTaskBroughtByATaskRunsBehindIt() {
        SerialExecutor executor = new SerialExecutor();
        List<String> log = new ArrayList<>();
        executor.execute(() -> {
            executor.execute(() -> log.add("inner"));
            log.add("outer");
        });
        assertEquals(List.of("outer", "inner"), log);
    }

    @Test
    void aTaskThatThrowsStopsNothing() {
        SerialExecutor executor = new SerialExecutor();
        List<Throwable> thrown = new ArrayList<>();
        List<String> log = new ArrayList<>();
        Thread thread = new Thread(() -> {
            executor.execute(() -> {
                throw new IllegalStateException("planned");
            });
            executor.execute(() -> log.add("next"));
        });
        thread.setUncaughtExceptionHandler((where, failure) -> thrown.add(failure));
        thread.start();
        join(thread);
        assertEquals(1, thrown.size());
        assertEquals(List.of("next"), log);
    }

    @Test
    void tasksOfManyThreadsRunOneAtATime() {
        SerialExecutor executor = new SerialExecutor();
        // Not thread-safe on purpose.
        int[] count = new int[1];
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 50_000; i++) {
                    executor.execute(() -> count[0]++);
                }
            });
            threads.add(thread);
            thread.start();
        }
        threads.forEach(SerialExecutorTest::join);
        assertEquals(200_000, count[0]);
    }

    private static void join(Thread thread) {
        EngineThreads.SYSTEM.join(thread);
    }
}
