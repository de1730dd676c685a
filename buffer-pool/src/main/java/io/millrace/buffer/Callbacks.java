package io.millrace.buffer;

/** How the pool's threads call others. */
final class Callbacks {
    private Callbacks() {}

    /** Calls somebody else's code; what it throws goes to the thread's handler and stops nothing here. */
    static void run(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error failure) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
        }
    }
}
