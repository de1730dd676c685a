package io.millrace.buffer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the parts of a pool count. Only misses and writes touch these, never a hit. */
final class PoolCounters {
    final AtomicLong misses = new AtomicLong();
    final AtomicLong pagesRead = new AtomicLong();
    final AtomicLong corruptPages = new AtomicLong();
    final AtomicLong evictions = new AtomicLong();
    final AtomicLong pagesWritten = new AtomicLong();
    final AtomicLong highestPageLsnWritten = new AtomicLong();
    final AtomicInteger cachedPages = new AtomicInteger();
}
