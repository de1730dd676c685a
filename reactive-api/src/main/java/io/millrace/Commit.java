package io.millrace;

import java.util.List;

/**
 * A committed transaction, or a single operation, which is one of its own.
 *
 * @param lsn its position among all commits of the store: rises from one to the next. {@link Store#changes} goes on behind it
 * @param changes what it changed, in the order in which it did; a key that was changed twice appears twice. Never empty
 */
public record Commit(long lsn, List<Change> changes) {
    /** Copies the list. */
    public Commit {
        changes = List.copyOf(changes);
    }
}
