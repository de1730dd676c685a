package io.millrace.storage;

/** What is special about an open {@link StorageFile}. */
public enum OpenFlag {
    /** Each write is durable when it returns (O_DSYNC). */
    DSYNC,
    /** Reads and writes bypass the page cache (O_DIRECT): address, position and length must be multiples of the block size. */
    DIRECT
}
