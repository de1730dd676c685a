package io.millrace.buffer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A lock-free stack of frames, linked through their descriptors. The head carries a tag that changes with every push and pop, so a head that has
 * come back is not taken for one that never left. Any thread; no allocation.
 *
 * <pre>
 *  head:  | tag (32) | top frame (32), -1 if empty |
 * </pre>
 */
final class FrameStack {
    private static final long FRAME_MASK = 0xFFFF_FFFFL;
    private static final long TAG_UNIT = 1L << 32;

    private final FrameTable frames;
    private final AtomicLong head = new AtomicLong(FrameLayout.NONE & FRAME_MASK);
    // Follows the stack closely; never below what can be popped for longer than a push takes.
    private final AtomicInteger size = new AtomicInteger();

    FrameStack(FrameTable frames) {
        this.frames = frames;
    }

    void push(int frame) {
        long old;
        do {
            old = head.get();
            frames.stackNext(frame, (int) old);
        } while (!head.compareAndSet(old, next(old, frame)));
        size.incrementAndGet();
    }

    /** The frame pushed last, or {@link FrameLayout#NONE}. */
    int pop() {
        while (true) {
            long old = head.get();
            int frame = (int) old;
            if (frame == FrameLayout.NONE) {
                return frame;
            }
            if (head.compareAndSet(old, next(old, frames.stackNext(frame)))) {
                size.decrementAndGet();
                return frame;
            }
        }
    }

    int size() {
        return Math.max(0, size.get());
    }

    private static long next(long old, int frame) {
        return (old & ~FRAME_MASK) + TAG_UNIT | frame & FRAME_MASK;
    }
}
