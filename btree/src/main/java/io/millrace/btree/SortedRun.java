package io.millrace.btree;

/** Entries of a load in key order, no key twice, one after the other. One thread, which may block. */
interface SortedRun {
    /** Moves to the next entry; answers its address, as {@link EntryOrder} has it, until the next call; 0 behind the last one. */
    long next();
}
