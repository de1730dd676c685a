package io.millrace.storage;

import java.lang.reflect.Method;
import java.nio.channels.FileChannel;

/**
 * Keeps interrupts away from file channels: an interrupt closes a {@link FileChannel} for everybody (L12). Each call sets
 * the flag aside and restores it; where {@code sun.nio.ch} is exported the channel is made immune as well.
 */
final class Interrupts {

    private Interrupts() {}

    /** Clears the calling thread's flag; give the result to {@link #restore}. */
    static boolean setAside() {
        return Thread.interrupted();
    }

    static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Best effort: without the export the first line of defence stands alone. */
    static void makeImmune(FileChannel channel) {
        try {
            Method method = channel.getClass().getMethod("setUninterruptible");
            method.invoke(channel);
        } catch (ReflectiveOperationException notReachable) {
            assert channel.isOpen();
        }
    }
}
