package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.error.LimitExceededException;
import io.millrace.error.StorageFullException;
import io.millrace.error.StorageIoException;
import io.millrace.storage.NoSpaceException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;

/**
 * Sorts the entries of a load that did not come in key order: as many as fit in memory at a time, which go to a temporary file as a run, and in
 * the end all runs at once (external merge sort). Of entries with one key the last one that came stays. Files have names of their own in the
 * store's directory, are never forced, and are deleted at the end, or, if the process dies, when the store is opened. One thread, which may
 * block.
 */
final class EntrySorter implements AutoCloseable {
    private static final int WRITE_BYTES = 1 << 20;
    private static final int FIRST_INDEX = 1024;
    /** An address, a head and a copy of both for each entry. */
    private static final int INDEX_BYTES = 4 * Long.BYTES;

    private final LoadSpace space;
    private final int pageSize;
    private final long memory;
    private final List<StorageFile> files = new ArrayList<>();
    private final List<Long> lengths = new ArrayList<>();
    private final DroppedEntry dropped;
    private long[] index = new long[FIRST_INDEX];
    private int count;
    private long used;
    private long written;

    /** Told of an entry whose key came again later. */
    interface DroppedEntry {
        /** Its address, valid during the call. */
        void dropped(long entry);
    }

    EntrySorter(LoadSpace space, int pageSize, DroppedEntry dropped) {
        this.space = space;
        this.pageSize = pageSize;
        this.dropped = dropped;
        memory = Memory.allocateOwned(this, space.memoryBytes());
    }

    /** Where to write the next entry, of {@code bytes}. */
    long next(int bytes) {
        if (used + bytes + (count + 1L) * INDEX_BYTES > space.memoryBytes()) {
            spill();
        }
        return memory + used;
    }

    /** Takes the entry written there. */
    void add() {
        if (count == index.length) {
            index = Arrays.copyOf(index, 2 * count);
        }
        long entry = memory + used;
        index[count++] = entry;
        used += EntryOrder.bytes(entry);
    }

    private void spill() {
        SortedRun run = new MemoryRun();
        String name = LoadSpace.FILE_PREFIX + space.number() + "-" + files.size();
        try {
            StorageFile file = space.directory().open(name, OpenMode.CREATE);
            files.add(file);
            lengths.add(write(run, file));
        } catch (NoSpaceException full) {
            throw new StorageFullException(space.directory().path(name), WRITE_BYTES, full);
        } catch (IOException failure) {
            throw new StorageIoException("write " + space.directory().path(name), failure);
        }
        count = 0;
        used = 0;
    }

    private long write(SortedRun run, StorageFile file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(WRITE_BYTES);
        long address = BufferUtil.address(buffer);
        long position = 0;
        int filled = 0;
        for (long entry = run.next(); entry != 0; entry = run.next()) {
            int bytes = EntryOrder.bytes(entry);
            if (filled + bytes > WRITE_BYTES) {
                position += flush(file, position, buffer, filled);
                filled = 0;
            }
            Memory.copy(entry, address + filled, bytes);
            filled += bytes;
        }
        return position + flush(file, position, buffer, filled);
    }

    private int flush(StorageFile file, long position, ByteBuffer buffer, int filled) throws IOException {
        written += filled;
        if (written > space.diskBytes()) {
            throw new LimitExceededException(
                    "bytes of temporary files of a load (load.sort-disk)", space.diskBytes(), written);
        }
        file.write(position, buffer.clear().limit(filled));
        return filled;
    }

    /** Everything that was added, sorted. */
    SortedRun sorted() {
        if (files.isEmpty()) {
            return new MemoryRun();
        }
        if (count > 0) {
            spill();
        }
        int buffer = (int) Math.max(2L * pageSize, Math.min(WRITE_BYTES, space.memoryBytes() / files.size()));
        List<SortedRun> runs = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            runs.add(new FileRun(files.get(i), lengths.get(i), buffer));
        }
        return new MergedRuns(runs, dropped);
    }

    @Override
    public void close() {
        for (StorageFile file : files) {
            try {
                file.close();
                space.directory().delete(file.name());
            } catch (IOException left) {
                // It is deleted when the store is opened.
            }
        }
        files.clear();
    }

    /** What is in memory, sorted. */
    private final class MemoryRun implements SortedRun {
        private final long[] entries = EntryOrder.sort(index, count);
        private final int length = count;
        private int at;

        @Override
        public long next() {
            while (at + 1 < length && EntryOrder.compare(entries[at], entries[at + 1]) == 0) {
                dropped.dropped(entries[at++]);
            }
            return at < length ? entries[at++] : 0;
        }
    }
}
