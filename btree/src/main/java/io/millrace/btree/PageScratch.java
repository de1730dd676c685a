package io.millrace.btree;

import io.millrace.common.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A thread's copy of the page it is rebuilding. On the heap, so that it goes with its thread; {@link #prepare} makes it before anything is
 * latched, so that nothing is allocated under a latch.
 */
final class PageScratch {
    private static final ThreadLocal<PageScratch> CURRENT = ThreadLocal.withInitial(PageScratch::new);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[0];

    private PageScratch() {}

    /** The calling thread's scratch, large enough for a page. */
    static PageScratch prepare(int pageSize) {
        PageScratch scratch = CURRENT.get();
        if (scratch.bytes.length < pageSize) {
            scratch.bytes = new byte[pageSize];
        }
        return scratch;
    }

    /** Copies the page from {@code offset} to its end. */
    void load(long page, int pageSize, int offset) {
        Memory.copyToArray(page + offset, bytes, offset, pageSize - offset);
    }

    int getInt(int offset) {
        return (int) INT.get(bytes, offset);
    }

    void copyTo(int offset, long target, int length) {
        Memory.copyFromArray(bytes, offset, target, length);
    }
}
