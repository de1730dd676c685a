package io.millrace.wal;

/**
 * Who keeps log that would be gone otherwise.
 *
 * @param name who
 * @param lsn from here on
 * @param ageNanos for how long
 * @param heldBytes bytes of segments that are there for nobody else but this one and those that hold even more; 0 if it holds none back
 */
public record LogHolder(String name, long lsn, long ageNanos, long heldBytes) {}
