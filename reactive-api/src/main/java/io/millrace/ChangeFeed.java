package io.millrace;

import io.millrace.btree.LoggedChange;
import io.millrace.btree.LoggedLongValue;
import io.millrace.btree.LongValueReader;
import io.millrace.btree.NameHistory;
import io.millrace.btree.PendingLongValues;
import io.millrace.common.Sleepers;
import io.millrace.error.LogPositionGoneException;
import io.millrace.recovery.ChangeDecoder;
import io.millrace.recovery.CommitReader;
import io.millrace.txn.LoggedRecord;
import io.millrace.txn.Step;
import io.millrace.wal.LogCursor;
import io.millrace.wal.LogHold;
import io.millrace.wal.LogReader;
import io.millrace.wal.Wal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Reads commits out of the log, with the names that maps had, and holds the log it still needs.
 *
 * <ol>
 *   <li>take the names of now, and the LSN of their last change;
 *   <li>hold the log; where it no longer reaches back far enough, and there is no archive, the position is gone;
 *   <li>read what happened to names between the position and that LSN, so that each change gets the name of its time;
 *   <li>read on, commit by commit.
 * </ol>
 *
 * <p>What is held: the log from where reading is, from the first change of each open transaction that was passed, and from {@code safeLsn} on.
 * That is for transactions which began before the position: those that run now began behind {@link
 * io.millrace.txn.Transactions#oldestFirstLsn}, those that have ended did so below the newest LSN claimed; when reading has passed that, both
 * are asked anew.
 *
 * <p>On the threads that read the log, one at a time.
 */
final class ChangeFeed implements ChangeDecoder<TreeChange>, AutoCloseable {
    private static final int BLOCKS_AT_ONCE = 32;

    private final StoreEngine store;
    private final Wal wal;
    private final long afterLsn;
    private final long memoryBytes;
    private final long maxCommitBytes;
    private final long maxHeldBytes;
    private final LoggedChange change = new LoggedChange();
    private final LoggedRecord logged = new LoggedRecord();
    private final LoggedRecord part = new LoggedRecord();
    private final PendingLongValues longValues = new PendingLongValues();
    private NameHistory names;
    private long namesLsn;
    private LogCursor nameCursor;
    private LogReader log;
    private CommitReader<TreeChange> commits;
    private Queue<Commit> target;
    private LogHold hold;
    private long safeLsn;
    private long runningLsn;
    private long endedLsn;

    ChangeFeed(StoreEngine store, long afterLsn) {
        this.store = store;
        this.afterLsn = afterLsn;
        wal = store.wal();
        memoryBytes = store.number(Setting.CHANGES_MEMORY);
        maxCommitBytes = store.number(Setting.CHANGES_MAX_COMMIT_SIZE);
        maxHeldBytes = store.number(Setting.CHANGES_MAX_HELD_LOG);
    }

    /**
     * Reads on for a while, at most until there are some commits.
     *
     * @return false at the present end of the durable log
     */
    boolean advance(Queue<Commit> commitsRead) throws IOException {
        if (commits == null && !begin()) {
            return false;
        }
        renewHold();
        target = commitsRead;
        boolean more = true;
        for (int i = 0; i < BLOCKS_AT_ONCE && more && commitsRead.isEmpty(); i++) {
            more = nameCursor != null ? readNames() : commits.next(this::commit);
        }
        moveHold();
        return more;
    }

    /** At the end: there is more to read once this is durable. */
    long wantedLsn() {
        return commits == null ? Math.max(afterLsn, namesLsn) : commits.nextLsn();
    }

    /** False if the log is not yet durable up to where it begins. */
    private boolean begin() {
        if (afterLsn > wal.claimedLsn()) {
            throw new IllegalArgumentException("LSN " + afterLsn + " lies beyond the end of the log at "
                    + wal.durableLsn() + ": it is another store's, or the store was restored to an older state");
        }
        if (names == null) {
            Sleepers.awaitSoon(store.threads(), () -> !store.catalogue().isChanging());
            // In this order: what is missing in the names, or too new, has happened at or below that LSN.
            names = new NameHistory(store.catalogue().namesById(), afterLsn + 1);
            namesLsn = Math.max(store.openedLsn(), store.catalogue().newestChangeLsn());
        }
        if (wal.durableLsn() < Math.max(afterLsn, namesLsn)) {
            return false;
        }
        hold = wal.holdAll("changes", maxHeldBytes);
        checkReach(afterLsn + 1);
        safeLsn = hold.lsn();
        runningLsn = store.context().transactions().oldestFirstLsn();
        endedLsn = wal.claimedLsn();
        nameCursor = afterLsn < namesLsn ? wal.reader().from(afterLsn + 1) : null;
        log = wal.reader();
        commits = new CommitReader<>(log, afterLsn + 1, this, memoryBytes, maxCommitBytes);
        return true;
    }

    /** Without an archive what is not held is gone. */
    private void checkReach(long neededLsn) {
        if (neededLsn < hold.lsn() && !wal.isArchived()) {
            throw new LogPositionGoneException(neededLsn, hold.lsn());
        }
    }

    /** One that kept too much has lost its hold; what has gone since may be in the archive. */
    private void renewHold() {
        if (hold.isLost()) {
            hold = wal.holdAll("changes", maxHeldBytes);
            checkReach(commits.neededLsn());
            longValues.forgetBefore(hold.lsn());
        }
    }

    private void moveHold() {
        if (commits.nextLsn() > endedLsn) {
            safeLsn = runningLsn;
            // In this order: whoever does not run any more has ended below.
            runningLsn = store.context().transactions().oldestFirstLsn();
            endedLsn = wal.claimedLsn();
        }
        hold.advance(Math.min(Math.min(safeLsn, longValues.neededLsn()), commits.neededLsn()));
        names.forgetBefore(nameCursor == null ? commits.nextLsn() : 0);
    }

    private boolean readNames() throws IOException {
        boolean more = nameCursor.nextLsn() <= namesLsn
                && nameCursor.next((lsn, address, length) -> names.note(logged.wrap(lsn, address, length)));
        if (!more) {
            nameCursor.close();
            nameCursor = null;
        }
        return true;
    }

    @Override
    public void decode(LoggedRecord record, List<TreeChange> into) {
        String began = null;
        String ended = null;
        while (record.nextChange()) {
            if (!change.read(record)) {
                continue;
            }
            if (!change.ofCatalogue()) {
                into.add(TreeChange.ofEntry(change, longValues));
            } else if (change.deletes()) {
                ended = change.mapName();
            } else {
                began = change.mapName();
            }
        }
        if (ended != null) {
            into.add(TreeChange.ofMap(ended, began));
        }
        if (ended != null || began != null) {
            record.rewind();
            names.note(record);
        }
    }

    @Override
    public void pass(LoggedRecord structure) {
        longValues.pass(structure);
    }

    @Override
    public long neededLsn(TreeChange decoded) {
        return decoded.neededLsn();
    }

    @Override
    public long bytes(TreeChange counted) {
        return counted.bytes();
    }

    private void commit(long lsn, List<TreeChange> changes) {
        List<Change> named = new ArrayList<>(changes.size());
        long longBytes = 0;
        for (TreeChange each : changes) {
            String map = each.tree() == 0 ? "" : names.nameAt(each.tree(), lsn);
            // A write outside a transaction may slip into a map that is just being dropped: as if it had come before.
            if (map != null) {
                longBytes += each.longValue() == null ? 0 : each.longValue().length();
                if (longBytes > maxCommitBytes) {
                    throw CommitReader.tooLarge(lsn, maxCommitBytes, longBytes);
                }
                named.add(each.named(map, each.longValue() == null ? null : read(each.longValue())));
            }
        }
        if (!named.isEmpty()) {
            target.add(new Commit(lsn, named));
        }
    }

    private byte[] read(LoggedLongValue value) {
        try {
            return value.read((lsn, reader) ->
                    log.read(lsn, (at, address, length) -> reader.accept(part.wrap(at, address, length))));
        } catch (LogPositionGoneException gone) {
            // Written before the position, or long before it was linked; the pages may still be what they were.
            return readPages(value, gone);
        }
    }

    private byte[] readPages(LoggedLongValue value, LogPositionGoneException gone) {
        LongValueReader pages = value.inPages(store.trees());
        new BlockingStep(store.context(), workspace -> {
                    Step step = pages.read(workspace);
                    return pages.isLost() ? Step.DONE : step;
                })
                .await();
        if (pages.isLost()) {
            throw gone;
        }
        return pages.bytes();
    }

    /** Lets go of the log; may come before {@link #close}, from any thread while nobody reads. */
    void release() {
        if (hold != null) {
            hold.close();
        }
    }

    @Override
    public void close() throws IOException {
        release();
        try {
            if (nameCursor != null) {
                nameCursor.close();
            }
        } finally {
            if (commits != null) {
                commits.close();
            }
        }
    }
}
