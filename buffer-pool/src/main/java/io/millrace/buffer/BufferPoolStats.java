package io.millrace.buffer;

/**
 * Counters of a {@link BufferPool} at one moment. Hits are not among them: a hit touches no shared memory, whoever looks up counts.
 *
 * @param misses pages loaded for a waiter or a pin
 * @param pagesRead pages read from the data file and found sound
 * @param corruptPages loads that failed verification
 * @param evictions frames taken from their page
 * @param pagesWritten home writes that were forced
 * @param dirtyPages pages changed since they were last written
 * @param cachedPages resident pages
 * @param freeFrames frames without a page
 * @param frameCount all frames
 * @param waitingLoads loads that wait for a slot or a frame
 * @param offHeapBytes memory taken so far: frames, descriptors, page table, write buffers
 */
public record BufferPoolStats(
        long misses,
        long pagesRead,
        long corruptPages,
        long evictions,
        long pagesWritten,
        int dirtyPages,
        int cachedPages,
        int freeFrames,
        int frameCount,
        int waitingLoads,
        long offHeapBytes) {}
