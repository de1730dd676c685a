package io.millrace;

/**
 * One consistent state of the whole store: everything committed up to a durable log position, nothing later. A crash can't take back what was
 * read from it. Given to {@link OrderedMap#in} to read from it.
 *
 * <p>Thread-safe; any number of operations may run in it at the same time. It ends with the publisher that handed it out; operations after
 * that signal {@link IllegalStateException}.
 */
public interface Snapshot {
    /** The log position: commits at or below it are visible. */
    long lsn();
}
