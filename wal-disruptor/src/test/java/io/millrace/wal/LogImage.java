package io.millrace.wal;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import io.millrace.testkit.SimulatedDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** A log's files as bytes, so that a test can make thousands of damaged copies of one log. */
final class LogImage {
    private static final int TAIL_KEPT = 64 << 10;

    private final TreeMap<String, byte[]> files = new TreeMap<>();

    /** Takes what is on the disk. */
    static LogImage of(StorageDirectory disk) throws IOException {
        LogImage image = new LogImage();
        for (String name : disk.list(SegmentLayout.DIRECTORY)) {
            image.files.put(name, bytes(disk, name));
        }
        return image;
    }

    private static byte[] bytes(StorageDirectory disk, String name) throws IOException {
        try (StorageFile file = disk.open(name, OpenMode.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) file.size());
            file.read(0, buffer);
            return buffer.array();
        }
    }

    LogImage copy() {
        LogImage copy = new LogImage();
        files.forEach((name, bytes) -> copy.files.put(name, bytes.clone()));
        return copy;
    }

    /** A disk with these files, all of it durable. */
    SimulatedDirectory disk() throws IOException {
        SimulatedDirectory disk = TestLog.disk(3);
        for (var each : files.entrySet()) {
            try (StorageFile file = disk.open(each.getKey(), OpenMode.CREATE)) {
                file.write(0, ByteBuffer.wrap(each.getValue()));
                file.force(true);
            }
        }
        disk.force(SegmentLayout.DIRECTORY);
        return disk;
    }

    /** Whether a disk has exactly these files. */
    boolean isOn(StorageDirectory disk) throws IOException {
        LogImage other = of(disk);
        return files.keySet().equals(other.files.keySet())
                && files.entrySet().stream()
                        .allMatch(each -> Arrays.equals(each.getValue(), other.files.get(each.getKey())));
    }

    byte[] segment(long number) {
        return files.get(SegmentLayout.fileName(number));
    }

    void segment(long number, byte[] bytes) {
        files.put(SegmentLayout.fileName(number), bytes);
    }

    void remove(long number) {
        files.remove(SegmentLayout.fileName(number));
    }

    /** Numbers of the segments. */
    List<Long> numbers() {
        return files.keySet().stream().map(SegmentLayout::numberOf).toList();
    }

    int segments() {
        return files.size();
    }

    /** Cuts zeros off the ends, so that looking at every byte of thousands of copies is quick. */
    LogImage trimmed() {
        files.replaceAll((name, bytes) -> {
            int length = bytes.length;
            while (length > 0 && bytes[length - 1] == 0) {
                length--;
            }
            return Arrays.copyOf(bytes, Math.min(bytes.length, length + TAIL_KEPT));
        });
        return this;
    }

    /** Where the blocks of a segment begin that was written past the page cache. */
    List<Integer> directBlocks(long number) {
        return blocks(number, 4096);
    }

    /** Where the blocks of a segment begin. */
    List<Integer> blocks(long number) {
        return blocks(number, 1);
    }

    private List<Integer> blocks(long number, int unit) {
        List<Integer> positions = new ArrayList<>();
        ByteBuffer bytes = view(number);
        int at = SegmentLayout.FIRST_BLOCK;
        while (at + BlockLayout.HEADER_LENGTH <= bytes.capacity()
                && bytes.getInt(at + BlockLayout.MAGIC) == BlockLayout.MAGIC_VALUE) {
            positions.add(at);
            at += (length(number, at) + unit - 1) / unit * unit;
        }
        return positions;
    }

    int length(long number, int block) {
        return BlockLayout.HEADER_LENGTH + view(number).getInt(block + BlockLayout.BODY_LENGTH);
    }

    long lastLsn(long number, int block) {
        return view(number).getLong(block + BlockLayout.LAST_LSN);
    }

    ByteBuffer view(long number) {
        return ByteBuffer.wrap(segment(number)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
