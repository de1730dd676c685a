package io.millrace.btree;

import io.millrace.error.LimitExceededException;
import io.millrace.txn.LoggedRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which name a tree had at which LSN, for those who read the log as a history: what names mean now, corrected by what the log says about their
 * changes. One thread.
 */
public final class NameHistory {
    private static final int MOST_TREES = 1 << 18;

    /** From {@code lsn} on the tree is called {@code after}, before it was called {@code before}; null: not at all. */
    private record Event(long lsn, String before, String after) {}

    private final Map<Long, String> names;
    private final Map<Long, List<Event>> events = new HashMap<>();
    private final LoggedChange change = new LoggedChange();
    private long notedLsn;

    /**
     * A history of trees that have these names now.
     *
     * @param names by tree id; changed by this
     * @param readFromLsn from here on all records are {@linkplain #note noted} before anybody asks
     */
    public NameHistory(Map<Long, String> names, long readFromLsn) {
        this.names = names;
        notedLsn = readFromLsn - 1;
    }

    /** Takes note of a record, if it says something about names; in LSN order, records below those known already do no harm. */
    public void note(LoggedRecord record) {
        if (!record.commits() || record.lsn() <= notedLsn) {
            return;
        }
        String began = null;
        String ended = null;
        long tree = 0;
        while (record.nextChange()) {
            if (change.read(record) && change.ofCatalogue() && change.mapTree() != 0) {
                tree = change.mapTree();
                if (change.deletes()) {
                    ended = change.mapName();
                } else {
                    began = change.mapName();
                }
            }
        }
        if (tree != 0) {
            notedLsn = record.lsn();
            note(tree, new Event(record.lsn(), ended, began));
        }
    }

    private void note(long tree, Event event) {
        events.computeIfAbsent(tree, first -> new ArrayList<>(1)).add(event);
        if (event.after() == null) {
            names.remove(tree);
        }
        if (events.size() > MOST_TREES) {
            throw new LimitExceededException(
                    "maps made, renamed or dropped since the position of a change stream", MOST_TREES, events.size());
        }
    }

    /** The name of the tree at {@code lsn}, null if it had none: it had been dropped. */
    public String nameAt(long tree, long lsn) {
        List<Event> changes = events.get(tree);
        if (changes == null) {
            return names.get(tree);
        }
        String name = changes.get(0).before();
        for (Event change : changes) {
            if (change.lsn() <= lsn) {
                name = change.after();
            }
        }
        return name;
    }

    /** Nobody will ask for what was before {@code lsn}. */
    public void forgetBefore(long lsn) {
        for (List<Event> changes : events.values()) {
            while (changes.size() > 1 && changes.get(1).lsn() <= lsn) {
                changes.remove(0);
            }
        }
        events.values()
                .removeIf(changes -> changes.size() == 1
                        && changes.get(0).after() == null
                        && changes.get(0).lsn() < lsn);
    }
}
