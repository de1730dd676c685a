package io.millrace.wal;

/**
 * Who keeps log that would be gone otherwise.
 *
 * @param name who
 * @param lsn from here on
 * @param ageNanos for how long
 * @param heldBytes bytes of segments that are there for nobody else but this one and those that hold even more; 0 if it holds none back
 */
public record LogHolder(String name, long lsn, long ageNanos, long heldBytes) {
    /** The name of those who copy pages and are going to repeat the log on the copies: no page goes that a record from their LSN on concerns. */
    public static final String BACKUP = "backup";

    /** Whether the record at {@code laterLsn} may be repeated on copies of pages as they were before it. */
    public boolean copiesPagesBefore(long laterLsn) {
        return name.equals(BACKUP) && lsn < laterLsn;
    }
}
