package io.millrace;

/** What has happened to a transaction when its completion is signalled. */
public enum Durability {
    /** Its commit record is on stable storage: no crash can take it back. */
    DURABLE,
    /**
     * Its commit record is on its way. It becomes durable, and visible to snapshots, with the next force; a crash before that loses it as a
     * whole, and with it all that committed after it.
     */
    RELAXED
}
