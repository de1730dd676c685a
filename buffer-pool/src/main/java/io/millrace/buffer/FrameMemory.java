package io.millrace.buffer;

import io.millrace.error.InvalidConfigurationException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.agrona.BufferUtil;

/**
 * The bytes of all frames: direct-buffer chunks of at most {@value #MAX_CHUNK_BYTES} bytes, allocated one after the other as the pool fills.
 *
 * <p>{@link #grow} is called by one engine thread at a time. A frame number reaches other threads only through the free stack, behind the
 * volatile write of its chunk's address. Chunks are freed with this object, never before, so a reader of a closed pool reads stale bytes at
 * worst.
 */
final class FrameMemory {
    static final int MAX_CHUNK_BYTES = 64 << 20;

    private static final String FLAG = "-XX:MaxDirectMemorySize=";
    private static final long MIB = 1 << 20;

    private final int frameCount;
    private final int pageSize;
    private final int pageShift;
    private final int chunkShift;
    private final int chunkMask;
    private final ByteBuffer[] chunks;
    // Written once per chunk by the growing thread, read by everybody; published through the free stack.
    private final long[] addresses;
    private volatile int ready;
    private volatile long bytes;

    FrameMemory(int frameCount, int pageSize) {
        this.frameCount = frameCount;
        this.pageSize = pageSize;
        pageShift = Integer.numberOfTrailingZeros(pageSize);
        int perChunk = MAX_CHUNK_BYTES / pageSize;
        chunkShift = Integer.numberOfTrailingZeros(perChunk);
        chunkMask = perChunk - 1;
        int count = (frameCount + perChunk - 1) / perChunk;
        chunks = new ByteBuffer[count];
        addresses = new long[count];
    }

    /** Where the page in a frame begins. */
    long address(int frame) {
        return addresses[frame >>> chunkShift] + ((long) (frame & chunkMask) << pageShift);
    }

    /** Frames that have memory: numbers below this. */
    int readyFrames() {
        return ready;
    }

    boolean canGrow() {
        return ready < frameCount;
    }

    long bytes() {
        return bytes;
    }

    /** Allocates the next chunk; answers the first of its frames, which go up to {@link #readyFrames}. */
    int grow() {
        int first = ready;
        int frames = Math.min(chunkMask + 1, frameCount - first);
        int chunk = first >>> chunkShift;
        chunks[chunk] = BufferUtil.allocateDirectAligned(frames << pageShift, pageSize);
        addresses[chunk] = BufferUtil.address(chunks[chunk]);
        long before = bytes;
        bytes = before + ((long) frames << pageShift) + pageSize;
        ready = first + frames;
        return first;
    }

    /** Views for one I/O thread: one duplicate per chunk, made when first used, so that a load makes no garbage. */
    final class Views {
        private final ByteBuffer[] duplicates = new ByteBuffer[chunks.length];

        /** A buffer over exactly that frame, valid until the next call. */
        ByteBuffer of(int frame) {
            int chunk = frame >>> chunkShift;
            ByteBuffer view = duplicates[chunk];
            if (view == null) {
                view = chunks[chunk].duplicate();
                duplicates[chunk] = view;
            }
            int offset = (frame & chunkMask) << pageShift;
            view.limit(offset + pageSize).position(offset);
            return view;
        }
    }

    /**
     * Checks at open that the JVM lets us have it all.
     *
     * @throws InvalidConfigurationException naming the flag
     */
    static void checkBudget(long sizeBytes, long neededBytes) {
        long limit = maxDirectMemory();
        long free = limit - usedDirectMemory();
        if (neededBytes > free) {
            long flag = (neededBytes + usedDirectMemory() + MIB - 1) / MIB;
            throw new InvalidConfigurationException(
                    "buffer-pool.size",
                    Long.toString(sizeBytes),
                    "it needs " + neededBytes + " B of direct memory, this JVM has " + Math.max(0, free)
                            + " B left; start it with " + FLAG + flag + "m or more, or take a smaller pool",
                    null);
        }
    }

    private static long usedDirectMemory() {
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                return Math.max(0, pool.getTotalCapacity());
            }
        }
        return 0;
    }

    private static long maxDirectMemory() {
        long limit = 0;
        for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (argument.startsWith(FLAG)) {
                limit = parse(argument.substring(FLAG.length()));
            }
        }
        return limit > 0 ? limit : Runtime.getRuntime().maxMemory();
    }

    /** A number as the JVM takes it: 512, 64k, 1g. */
    static long parse(String size) {
        String text = size.toLowerCase(Locale.ROOT);
        int shift = switch (text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) {
            case 'k' -> 10;
            case 'm' -> 20;
            case 'g' -> 30;
            case 't' -> 40;
            default -> 0;
        };
        try {
            return Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)) << shift;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
