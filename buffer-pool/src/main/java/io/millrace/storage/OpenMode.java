package io.millrace.storage;

/** How a {@link StorageFile} is opened. */
public enum OpenMode {
    /** An existing file, for reading. */
    READ,
    /** An existing file, for reading and writing. */
    READ_WRITE,
    /** A new file, for reading and writing; fails if the name is taken. */
    CREATE
}
