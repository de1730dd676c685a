package io.millrace.buffer;

import java.util.List;

/** How the pool starts and ends its threads, and calls others from them. */
final class EngineThreads {
    private EngineThreads() {}

    /** A daemon thread, started. */
    static Thread start(String role, Runnable body) {
        Thread thread = new Thread(body, "millrace-" + role);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Waits for all of them to end, whatever interrupts. */
    static void join(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive() && thread != Thread.currentThread()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Calls somebody else's code; what it throws goes to the thread's handler and stops nothing here. */
    static void callback(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error failure) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        }
    }
}
