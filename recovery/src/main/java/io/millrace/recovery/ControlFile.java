package io.millrace.recovery;

import io.millrace.common.Crc32c;
import io.millrace.error.CorruptPageException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.storage.OpenMode;
import io.millrace.storage.StorageDirectory;
import io.millrace.storage.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The control file, {@code millrace.control}: two slots written in turn, each write forced, so that one whole slot survives any crash.
 * Engine threads only, one at a time.
 */
public final class ControlFile implements AutoCloseable {
    /** Its name in the store directory. */
    public static final String NAME = "millrace.control";

    private StorageFile file;
    private final ByteBuffer slot =
            ByteBuffer.allocateDirect(ControlFileLayout.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private long sequence;
    private ControlRecord current;
    private ControlRecord former;

    private ControlFile(StorageFile file) {
        this.file = file;
    }

    /** Writes the file of a new store under {@code name}; the caller renames it. */
    static void create(StorageDirectory directory, String name, ControlRecord record) throws IOException {
        try (StorageFile file = directory.open(name, OpenMode.CREATE)) {
            file.write(0, ByteBuffer.allocateDirect(ControlFileLayout.FILE_LENGTH));
            ControlFile control = new ControlFile(file);
            control.current = record;
            control.write(record);
            control.write(record);
        }
    }

    /**
     * Opens and reads the file; changes nothing.
     *
     * @throws CorruptPageException if neither slot is whole
     * @throws IncompatibleFormatException if it was written by a newer version
     */
    public static ControlFile open(StorageDirectory directory) throws IOException {
        StorageFile file = directory.open(NAME, OpenMode.READ_WRITE);
        try {
            ControlFile control = new ControlFile(file);
            control.read(directory.path(NAME));
            return control;
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    /** What the file says now, of a store that may be open; nothing is opened for writing. Throws as {@link #open}. */
    public static ControlRecord peek(StorageDirectory directory) throws IOException {
        try (StorageFile file = directory.open(NAME, OpenMode.READ)) {
            ControlFile control = new ControlFile(file);
            control.read(directory.path(NAME));
            return control.current;
        }
    }

    private void read(String path) throws IOException {
        for (int index = 0; index < 2; index++) {
            ControlRecord record = readSlot(index, path);
            if (record != null) {
                long found = slot.getLong(ControlFileLayout.SEQUENCE_AT);
                if (current == null || found > sequence) {
                    former = current;
                    current = record;
                    sequence = found;
                } else {
                    former = record;
                }
            }
        }
        if (current == null) {
            throw CorruptPageException.ofFile(path, "neither of its slots is whole");
        }
        if (former == null) {
            former = current;
        }
    }

    private ControlRecord readSlot(int index, String path) throws IOException {
        slot.clear();
        int read = file.read((long) index * ControlFileLayout.SLOT_DISTANCE, slot);
        if (read < ControlFileLayout.LENGTH || slot.getLong(ControlFileLayout.MAGIC_AT) != ControlFileLayout.MAGIC) {
            return null;
        }
        int checksum = Crc32c.of(slot, 0, ControlFileLayout.CHECKSUM_AT);
        if (checksum != slot.getInt(ControlFileLayout.CHECKSUM_AT)) {
            return null;
        }
        int version = slot.getInt(ControlFileLayout.VERSION_AT);
        long features = slot.getLong(ControlFileLayout.FEATURES_AT);
        if (version != ControlFileLayout.VERSION || features != 0) {
            throw new IncompatibleFormatException(
                    path,
                    "version " + version + ", feature flags 0x" + Long.toHexString(features),
                    "version " + ControlFileLayout.VERSION + " without feature flags");
        }
        return decode();
    }

    private ControlRecord decode() {
        return new ControlRecord(
                slot.getLong(ControlFileLayout.STORE_ID_AT),
                slot.getLong(ControlFileLayout.INCARNATION_AT),
                slot.getInt(ControlFileLayout.PAGE_SIZE_AT),
                slot.getLong(ControlFileLayout.RESTART_LSN_AT),
                slot.getLong(ControlFileLayout.SCAN_START_LSN_AT),
                slot.getLong(ControlFileLayout.DURABLE_LSN_AT),
                slot.getLong(ControlFileLayout.HIGHEST_PAGE_LSN_AT),
                slot.getLong(ControlFileLayout.RETIRED_BATCH_AT),
                slot.getLong(ControlFileLayout.DATA_PAGES_AT),
                slot.getLong(ControlFileLayout.CLEAN_END_AT));
    }

    /**
     * For a store whose creation did not get to its end: whether the file's name is durable is not known, since a force of the directory may have
     * failed, so a copy takes its place; then the marker goes, which would one day pass the store off as half created.
     */
    void finishCreation(StorageDirectory directory) throws IOException {
        directory.delete(StoreFiles.NEW_CONTROL);
        StorageFile copy = directory.open(StoreFiles.NEW_CONTROL, OpenMode.CREATE);
        ByteBuffer content = ByteBuffer.allocateDirect(ControlFileLayout.FILE_LENGTH);
        file.read(0, content);
        copy.write(0, content.flip());
        copy.force(true);
        copy.close();
        StoreFiles.endCreation(directory);
        file.close();
        file = directory.open(NAME, OpenMode.READ_WRITE);
    }

    /** What the newer slot says. */
    public ControlRecord current() {
        return current;
    }

    /** The oldest LSN either slot still needs: the log is kept back to here (D7). */
    public long oldestNeededLsn() {
        return Math.min(current.scanStartLsn(), former.scanStartLsn());
    }

    /** Writes {@code record} over the older slot and forces it; a failure is final (L9). */
    public void write(ControlRecord record) throws IOException {
        long next = sequence + 1;
        encode(record, next);
        slot.clear();
        file.write((next & 1) * ControlFileLayout.SLOT_DISTANCE, slot);
        file.force(false);
        sequence = next;
        former = current;
        current = record;
    }

    private void encode(ControlRecord record, long number) {
        slot.clear();
        for (int i = 0; i < ControlFileLayout.LENGTH; i += Long.BYTES) {
            slot.putLong(i, 0);
        }
        slot.putLong(ControlFileLayout.MAGIC_AT, ControlFileLayout.MAGIC);
        slot.putInt(ControlFileLayout.VERSION_AT, ControlFileLayout.VERSION);
        slot.putLong(ControlFileLayout.SEQUENCE_AT, number);
        slot.putLong(ControlFileLayout.STORE_ID_AT, record.storeId());
        slot.putLong(ControlFileLayout.INCARNATION_AT, record.incarnation());
        slot.putInt(ControlFileLayout.PAGE_SIZE_AT, record.pageSize());
        slot.putLong(ControlFileLayout.RESTART_LSN_AT, record.restartLsn());
        slot.putLong(ControlFileLayout.SCAN_START_LSN_AT, record.scanStartLsn());
        slot.putLong(ControlFileLayout.DURABLE_LSN_AT, record.durableLsn());
        slot.putLong(ControlFileLayout.HIGHEST_PAGE_LSN_AT, record.highestPageLsn());
        slot.putLong(ControlFileLayout.RETIRED_BATCH_AT, record.retiredBatch());
        slot.putLong(ControlFileLayout.DATA_PAGES_AT, record.dataPages());
        slot.putLong(ControlFileLayout.CLEAN_END_AT, record.cleanEndLsn());
        slot.putInt(ControlFileLayout.CHECKSUM_AT, Crc32c.of(slot, 0, ControlFileLayout.CHECKSUM_AT));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
