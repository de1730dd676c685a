package io.millrace;

import io.millrace.btree.ScanCursor;
import io.millrace.btree.TreeRef;
import io.millrace.error.LimitExceededException;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * What a serializable transaction has read: keys, and ranges as far as it came in them. Before its commit, when all its writes are in their
 * places and locked, it looks at all of them again: none may have a version that its snapshot does not see, committed or not (Silo, SOSP 2013;
 * the uncommitted stamp is the lock). Of two transactions that write what the other one read, one at least finds the other's write.
 *
 * <p>Used by the transaction's operations, which follow one another.
 */
final class ReadSet {
    private static final int BYTES_PER_KEY = 64;
    private static final int BYTES_PER_RANGE = 256;

    /** A key, or a range by the cursor that went through it. */
    private static final class Read {
        private final MapAccess<?, ?> map;
        private final byte[] key;
        private final ScanCursor range;

        Read(MapAccess<?, ?> map, byte[] key, ScanCursor range) {
            this.map = map;
            this.key = key;
            this.range = range;
        }
    }

    private final List<Read> reads = new ArrayList<>();
    private final long maxBytes;
    private long bytes;
    private int validated;
    private ScanCursor validating;

    ReadSet(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return reads.isEmpty();
    }

    /** The workspace's key was looked up. */
    void key(MapAccess<?, ?> map, Workspace workspace) {
        make(BYTES_PER_KEY + workspace.keyLength);
        reads.add(new Read(map, MapAccess.copy(workspace.keyAddress, workspace.keyLength), null));
    }

    /** A scan begins; what the cursor will have passed in the end counts as read. */
    void range(MapAccess<?, ?> map, ScanCursor cursor) {
        make(BYTES_PER_RANGE);
        reads.add(new Read(map, null, cursor));
    }

    private void make(long needed) {
        bytes += needed;
        if (bytes > maxBytes) {
            throw new LimitExceededException("bytes read by a transaction (transaction.max-read-set)", maxBytes, bytes);
        }
    }

    /**
     * Looks again. Restartable, goes on where it was.
     *
     * @return DONE; CONFLICT at the workspace's key of {@link #conflictMap}, with the winner's commit LSN to wait for, 0 if it still runs; or
     *     something else to wait for
     */
    Step validate(Workspace workspace, StoreEngine store, ReadView view) {
        for (; validated < reads.size(); validated++) {
            Read read = reads.get(validated);
            long changed = store.catalogue().changedSince(read.map.name(), view.lsn());
            if (changed != 0) {
                workspace.awaitLsn = changed;
                return Step.CONFLICT;
            }
            TreeRef tree = read.map.tree();
            // No tree: nobody has written to the map to this day.
            Step outcome = tree == null ? Step.DONE : validate(workspace, store, view, read, tree);
            if (outcome != Step.DONE) {
                return outcome;
            }
        }
        return Step.DONE;
    }

    private Step validate(Workspace workspace, StoreEngine store, ReadView view, Read read, TreeRef tree) {
        if (read.key != null) {
            workspace.key(read.key, 0, read.key.length);
            return store.trees().verify(workspace, tree, view);
        }
        if (validating == null) {
            validating = read.range.passed();
        }
        Step outcome = Step.DONE;
        while (outcome == Step.DONE && !validating.exhausted()) {
            outcome = store.trees().verify(workspace, tree, view, validating);
        }
        if (outcome == Step.DONE) {
            validating = null;
        }
        return outcome;
    }

    /** The map of the read that did not stand. */
    String conflictMap() {
        return validated < reads.size() ? reads.get(validated).map.name() : "";
    }
}
