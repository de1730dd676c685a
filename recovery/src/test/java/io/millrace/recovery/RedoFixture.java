package io.millrace.recovery;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.BufferPoolOptions;
import io.millrace.buffer.DataFile;
import io.millrace.buffer.PageLayout;
import io.millrace.buffer.WriteAheadBarrier;
import io.millrace.buffer.WriteFailures;
import io.millrace.common.Crc32c;
import io.millrace.common.EngineThreads;
import io.millrace.common.Memory;
import io.millrace.testkit.SimulatedDirectory;
import io.millrace.txn.RecordHandler;
import io.millrace.txn.RecordHandlers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;

/** A data file and a pool without a log: everything is durable. */
final class RedoFixture implements AutoCloseable {
    static final int PAGE = 4096;
    /** Mixes the body into a cell of the page: what comes out depends on the order. */
    static final int MIX = 200;
    /** Fits no page. */
    static final int UNFIT = 201;

    static final RecordHandlers HANDLERS = new RecordHandlers(List.of(new Mixer()));

    private static final int CELLS = 64;

    final SimulatedDirectory directory;
    final DataFile data;
    final BufferPool pool;

    private RedoFixture(SimulatedDirectory directory, DataFile data, int frames) {
        this.directory = directory;
        this.data = data;
        BufferPoolOptions options = new BufferPoolOptions((long) frames * PAGE, PAGE, 16, 2, 1, EngineThreads.SYSTEM);
        pool = BufferPool.open(options, data, null, new Durable(), () -> Long.MAX_VALUE);
    }

    /** With these pages on disk; null is a page of zeros. */
    static RedoFixture with(int frames, byte[][] pages) {
        SimulatedDirectory directory = new SimulatedDirectory(1);
        DataFile data = DataFile.create(directory, PAGE, new WriteFailures(cause -> {}));
        data.growTo(pages.length);
        ByteBuffer buffer = ByteBuffer.allocateDirect(PAGE);
        long address = BufferUtil.address(buffer);
        for (int pageId = 0; pageId < pages.length; pageId++) {
            if (pages[pageId] != null) {
                Memory.copyFromArray(pages[pageId], 0, address, PAGE);
                Memory.putInt(
                        address + PageLayout.CHECKSUM, Crc32c.of(buffer, PageLayout.KIND, PAGE - PageLayout.KIND));
                data.write(pageId, buffer.clear());
            }
        }
        return new RedoFixture(directory, data, frames);
    }

    /** A page as the pool has it, without the checksum, which only images on disk have. */
    byte[] page(long pageId) {
        int frame = pool.pin(pageId);
        byte[] bytes = new byte[PAGE];
        Memory.copyToArray(pool.address(frame), bytes, 0, PAGE);
        pool.unpinFrame(frame);
        return withoutChecksum(bytes);
    }

    static byte[] withoutChecksum(byte[] page) {
        Arrays.fill(page, PageLayout.CHECKSUM, PageLayout.CHECKSUM + Integer.BYTES, (byte) 0);
        return page;
    }

    @Override
    public void close() {
        pool.close();
        data.close();
    }

    private static final class Durable implements WriteAheadBarrier {
        @Override
        public long durableLsn() {
            return Long.MAX_VALUE;
        }

        @Override
        public void awaitDurable(long lsn) {
            // It is.
        }
    }

    private static final class Mixer implements RecordHandler {
        @Override
        public int firstOperation() {
            return MIX;
        }

        @Override
        public int lastOperation() {
            return UNFIT;
        }

        @Override
        public void redo(int operation, long page, int pageSize, long stamp, long body, int length) {
            if (operation == UNFIT) {
                throw new IllegalStateException("nobody can do that");
            }
            long cell = page + PageLayout.BODY + (long) (Memory.getUnsignedByte(body) % CELLS) * Long.BYTES;
            long mixed = Memory.getLong(cell) + stamp;
            for (int i = 0; i < length; i++) {
                mixed = mixed * 31 + Memory.getByte(body + i);
            }
            Memory.putLong(cell, mixed);
        }
    }
}
