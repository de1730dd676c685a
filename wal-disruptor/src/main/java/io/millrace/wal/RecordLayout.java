package io.millrace.wal;

/**
 * Header of every log record. Little-endian.
 *
 * <pre>
 * 0  u32 length of the whole record
 * 4  u8  kind, see {@link RecordKind}
 * 5  u8  flags
 * 6  u16 number of page changes
 * 8  body: opaque to the log
 * </pre>
 *
 * <p>A record does not carry its LSN: the block's first LSN and the slots each record takes give it.
 */
public final class RecordLayout {
    /** u32. */
    public static final int LENGTH = 0;
    /** u8. */
    public static final int KIND = 4;
    /** u8. */
    public static final int FLAGS = 5;
    /** u16. */
    public static final int CHANGE_COUNT = 6;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 8;

    /** The body begins with transaction id and previous LSN. */
    public static final int FLAG_TRANSACTIONAL = 1;
    /** Operation and commit in one. */
    public static final int FLAG_COMMITS = 2;
    /** Rollback has to undo it. */
    public static final int FLAG_UNDOABLE = 4;

    private RecordLayout() {}

    /** Slots of the ring, and so LSNs, that a record takes. */
    public static int slots(int length, int slotBytes) {
        return (length + slotBytes - 1) / slotBytes;
    }
}
