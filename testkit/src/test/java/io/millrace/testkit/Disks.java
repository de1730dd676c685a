package io.millrace.testkit;

import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Short words for the tests of the simulated disk. */
final class Disks {

    private Disks() {}

    /** A buffer filled with one byte. */
    static ByteBuffer filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    /** A durable file of this content. */
    static StorageFile durable(StorageDirectory disk, String name, int length, int value) throws IOException {
        StorageFile file = disk.open(name, OpenMode.CREATE);
        file.write(0, filled(length, value));
        file.force(false);
        disk.force();
        return file;
    }

    /** The whole content. */
    static byte[] content(StorageDirectory disk, String name) throws IOException {
        try (StorageFile file = disk.open(name, OpenMode.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate((int) file.size());
            file.read(0, buffer);
            return buffer.array();
        }
    }
}
