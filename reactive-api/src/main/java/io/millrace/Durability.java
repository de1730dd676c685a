package io.millrace;

/** What has happened to a transaction when its completion is signalled. */
public enum Durability {
    /** Its commit record is on stable storage: no crash can take it back. ({@code wal.sync=interval} and {@code none} promise less.) */
    DURABLE,
    /**
     * Its commit record is written, not yet forced: the death of the process does not take it back. It becomes durable, and visible to snapshots,
     * with the force that follows; power loss before that loses it as a whole, and with it all that committed after it.
     */
    RELAXED
}
