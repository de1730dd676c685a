package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.error.LimitExceededException;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.ReadView;
import io.millrace.txn.RecordListener;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Which trees there are: a tree itself, with number 1 and its root in page 2, from a name in UTF-8 to tree id and root page. A tree comes into
 * being by one mini-transaction: catalogue entry, page bit, empty root. It goes by another one: the entry becomes a ghost, the root pending
 * (see {@link io.millrace.txn.SpaceMap}), and the {@link Reclaimer} frees its pages once nobody sees them. All trees are known in memory
 * from {@link #load} on.
 *
 * <p>A name may mean one tree to an old snapshot and another, or none, to a new one: what a name meant is kept as long as a snapshot may
 * ask.
 *
 * <p>A tree's number is never given again, also after it was dropped: the drop of a tree with a number higher than any such before marks the highest
 * number given so far in an entry of its own, whose key is no name.
 *
 * <pre>
 * key: name in UTF-8       value: u64 tree id | u64 root page
 * key: 0xFF                value: u64 highest tree id given so far | u64 0
 * </pre>
 */
public final class Catalogue {
    /** The catalogue's own number. */
    public static final int TREE_ID = 1;
    /** Page id of its root. */
    public static final long ROOT_PAGE = 2;

    private static final int VALUE_BYTES = 2 * Long.BYTES;
    private static final int LOAD_BATCH = 256;
    /** The one key that is no name: no text in UTF-8 has such a byte. */
    private static final byte MARK = (byte) 0xFF;

    static final TreeRef SELF = new TreeRef(TREE_ID, ROOT_PAGE, 0);

    private final Engine engine;
    private final BufferPool pool;
    private final BTree trees;
    private final TreeNames names = new TreeNames();
    private final ConcurrentMap<Long, TreeRef> byId = new ConcurrentHashMap<>();
    // Of those who change names; any thread.
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicLong lastTreeId = new AtomicLong(TREE_ID);
    /** As high as the entry says at least. */
    private final AtomicLong markedTreeId = new AtomicLong();

    private final Reclaimer reclaimer;
    private final ScanCursor loading = new ScanCursor(null, false, null, false, false);

    /** The catalogue of a store; knows nothing until it is loaded. */
    public Catalogue(BTree trees) {
        this.trees = trees;
        engine = trees.engine();
        pool = engine.pool();
        reclaimer = new Reclaimer(trees, this);
        byId.put(SELF.treeId(), SELF);
    }

    /** Writes the catalogue of a store without trees into a page's memory. */
    public static void format(long page, int pageSize, long pageId) {
        PageImage.emptyLeaf(page, pageSize, TREE_ID);
        PageLayout.pageId(page, pageId);
    }

    /** Reads all trees there are; once, when the store is opened, after redo and before undo. Restartable. */
    public Step load(Workspace workspace) {
        workspace.view.at(ReadView.NEWEST_COMMITTED, 0, false);
        while (!loading.exhausted()) {
            Step step = trees.scan(workspace, SELF, loading, workspace.view, this::loaded, LOAD_BATCH);
            if (step != Step.DONE) {
                return step;
            }
        }
        return Step.DONE;
    }

    private void loaded(long key, int keyLength, long value, int valueLength) {
        if (valueLength != VALUE_BYTES) {
            throw new IllegalStateException("catalogue entry of " + valueLength + " bytes");
        }
        if (isMark(key, keyLength)) {
            markedTreeId.set(Memory.getLong(value));
            lastTreeId.accumulateAndGet(markedTreeId.get(), Math::max);
        } else {
            keep(name(key, keyLength), value, 0);
        }
    }

    /** Whether the key of an entry is no name: the entry is not about a tree. */
    static boolean isMark(long key, int keyLength) {
        return keyLength == 1 && Memory.getByte(key) == MARK;
    }

    /** The name in the key of an entry. */
    static String name(long key, int keyLength) {
        byte[] name = new byte[keyLength];
        Memory.copyToArray(key, name, 0, keyLength);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** The tree in the value of an entry; null if there is none in it. */
    static TreeRef tree(long value, int valueLength) {
        return valueLength == VALUE_BYTES && Memory.getLong(value + Long.BYTES) != 0 ? decode(value, 0) : null;
    }

    private static TreeRef decode(long value, long lsn) {
        return new TreeRef(Memory.getLong(value), Memory.getLong(value + Long.BYTES), lsn);
    }

    private void keep(String name, long value, long lsn) {
        TreeRef tree = decode(value, lsn);
        lastTreeId.accumulateAndGet(tree.treeId(), Math::max);
        byId.put(tree.treeId(), tree);
        names.begin(name, tree);
    }

    /** The tree with this name, or null. Its creation, or the drop of one that had the name, may not be durable yet. */
    public TreeRef find(String name) {
        return names.find(name);
    }

    /** The tree that has this name in a snapshot at {@code lsn}, or null. */
    public TreeRef find(String name, long lsn) {
        return names.find(name, lsn);
    }

    /** LSN of the last drop or renaming behind {@code lsn} that changed what the name means; 0 if there is none. */
    public long changedSince(String name, long lsn) {
        return names.changedSince(name, lsn);
    }

    /** The tree with this number, or null. */
    TreeRef find(long treeId) {
        return byId.get(treeId);
    }

    /** The tree with this number; it must exist. */
    TreeRef byId(long treeId) {
        TreeRef tree = byId.get(treeId);
        if (tree == null) {
            throw new IllegalStateException("the catalogue does not know tree " + treeId);
        }
        return tree;
    }

    /** The names of all trees, sorted; a creation, drop or renaming may not be durable yet, see {@link #newestChangeLsn}. */
    public List<String> names() {
        return names.sorted();
    }

    /** The same by the numbers of the trees; the catalogue itself is not among them. */
    public Map<Long, String> namesById() {
        return names.byId();
    }

    /** LSN that must be durable for what names mean to be final; asked after them. */
    public long newestChangeLsn() {
        return names.newestChangeLsn();
    }

    /** What frees the pages of dropped trees; whoever opens the store starts it. */
    public Reclaimer reclaimer() {
        return reclaimer;
    }

    /** Bytes of a name as key. */
    public static byte[] encode(String name, int pageSize) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > Limits.maxKey(pageSize)) {
            throw new LimitExceededException("map name in UTF-8 bytes", Limits.maxKey(pageSize), bytes.length);
        }
        return bytes;
    }

    /**
     * Creates the tree unless it exists; with DONE, {@link #find} knows it. Leaves the workspace's operands as they are, its results not.
     *
     * @return DONE, or what to wait for
     */
    public Step create(Workspace workspace, String name) {
        if (names.find(name) != null) {
            return Step.DONE;
        }
        return changing(() -> withName(workspace, name, value -> createUnlessThere(workspace, name, value)));
    }

    /** Names change a moment after the record that says so can be durable: until then {@link #isChanging}. */
    private Step changing(Supplier<Step> change) {
        changes.incrementAndGet();
        try {
            return change.get();
        } finally {
            changes.decrementAndGet();
        }
    }

    /** Whether the names may be behind the log this moment. */
    public boolean isChanging() {
        return changes.get() != 0;
    }

    long newTreeId() {
        return lastTreeId.incrementAndGet();
    }

    /**
     * Gives a tree that has been built, whose root is pending, a name. With DONE: {@code found}, whether the name means another tree, and
     * then nothing is done; {@code writtenLsn}.
     *
     * @return DONE, or what to wait for
     */
    Step link(Workspace workspace, String name, long treeId, long root, RecordListener listener) {
        clear(workspace);
        workspace.found = names.find(name) != null;
        if (workspace.found) {
            return Step.DONE;
        }
        return withName(workspace, name, value -> linkUnlessThere(workspace, name, value, treeId, root, listener));
    }

    private Step linkUnlessThere(
            Workspace workspace, String name, long value, long treeId, long root, RecordListener listener) {
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = find(workspace, scratch);
        if (step != Step.DONE || scratch.live()) {
            return step == Step.DONE ? Step.CONTENDED : step;
        }
        scratch.newValueLength = VALUE_BYTES;
        if (!scratch.fits(pool.pageSize(), workspace.keyLength)) {
            return makeRoom(workspace, scratch);
        }
        Memory.putLong(value, treeId);
        Memory.putLong(value + Long.BYTES, root);
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginSingle();
        fill(workspace, scratch.change, value);
        trees.writer().plan(mini, scratch);
        step = engine.pages().plan(workspace, mini, SpaceMap.SET, root);
        // Whoever finds the record durable must find the tree: it is known before, and has its name before the record
        // is published.
        TreeRef tree = TreeRef.unnamed(treeId, root);
        if (!names.announce(name, tree)) {
            mini.abandon();
            return Step.CONTENDED;
        }
        byId.put(treeId, tree);
        mini.whenClaimed(lsn -> names.named(tree, lsn));
        step = end(workspace, step, listener);
        if (step != Step.DONE) {
            names.withdraw(name, tree);
            byId.remove(treeId);
        }
        return step;
    }

    private Step changingWhileClosed(Workspace workspace, TreeRef tree, Supplier<Step> change) {
        return changing(() -> whileClosed(workspace, tree, change));
    }

    /** Runs a step with the name as the key operand; memory for a value is given to it. */
    private Step withName(Workspace workspace, String name, LongFunction<Step> step) {
        byte[] key = encode(name, pool.pageSize());
        long keyAddress = workspace.keyAddress;
        int keyLength = workspace.keyLength;
        // Above what structure changes use of the result memory.
        long own = workspace.resultAddress + pool.pageSize() / 2;
        Memory.copyFromArray(key, 0, own + VALUE_BYTES, key.length);
        workspace.keyAddress = own + VALUE_BYTES;
        workspace.keyLength = key.length;
        try {
            return step.apply(own);
        } finally {
            workspace.keyAddress = keyAddress;
            workspace.keyLength = keyLength;
        }
    }

    private Step createUnlessThere(Workspace workspace, String name, long value) {
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = scratch.descent.to(pool, workspace, ROOT_PAGE, Descent.Target.KEY);
        if (step != Step.DONE) {
            return step;
        }
        scratch.look(pool, workspace);
        scratch.newValueLength = VALUE_BYTES;
        boolean fits = scratch.fits(pool.pageSize(), workspace.keyLength);
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (scratch.live()) {
            // Whoever has created it makes it known this moment.
            return Step.CONTENDED;
        }
        return fits ? insert(workspace, scratch, name, value) : makeRoom(workspace, scratch);
    }

    private Step makeRoom(Workspace workspace, TreeScratch scratch) {
        return trees.restructuring().makeRoom(workspace, SELF, scratch, false);
    }

    private Step insert(Workspace workspace, TreeScratch scratch, String name, long value) {
        long root = engine.pages().reserve(false);
        if (root == 0) {
            return Step.NO_FREE_PAGE;
        }
        long treeId = lastTreeId.incrementAndGet();
        Memory.putLong(value, treeId);
        Memory.putLong(value + Long.BYTES, root);
        Step step = commit(workspace, scratch, value, treeId, root);
        if (step == Step.DONE) {
            keep(name, value, workspace.writtenLsn);
        } else {
            engine.pages().giveBack(root);
        }
        return step;
    }

    private Step commit(Workspace workspace, TreeScratch scratch, long value, long treeId, long root) {
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginSingle();
        PageImage.emptyLeaf(workspace.pageBuffer, pool.pageSize(), Math.toIntExact(treeId));
        Step step = trees.restructuring().install(workspace, root);
        if (step == Step.DONE) {
            step = trees.restructuring().link(workspace, root);
        }
        fill(workspace, scratch.change, value);
        if (step == Step.DONE) {
            trees.writer().plan(mini, scratch);
        }
        return end(workspace, step, null);
    }

    /**
     * Drops the tree, unless a transaction that has written to it is running. With DONE: {@code found}, whether there was one; {@code
     * writtenLsn}; {@code awaitLsn}, if there was none: what must be durable before that may be told.
     *
     * @param listener told when the drop is durable; may be null
     * @return DONE; LOCKED by {@code lockedBy}; or what to wait for
     */
    public Step drop(Workspace workspace, String name, RecordListener listener) {
        clear(workspace);
        TreeRef tree = names.find(name);
        return tree == null
                ? Step.DONE
                : changingWhileClosed(workspace, tree, () -> {
                    Step step = withName(workspace, name, value -> remove(workspace, tree, value, listener));
                    if (step == Step.DONE) {
                        names.end(name, tree, workspace.writtenLsn);
                        reclaimer.dropped(tree);
                    }
                    return step;
                });
    }

    /**
     * Gives the tree another name, unless a transaction that has written to it is running. With DONE: {@code found}, whether there is such a
     * tree and none of the new name; {@code writtenLsn}, 0 if it has the name already; {@code awaitLsn} as with {@link #drop}.
     *
     * @param listener told when the renaming is durable; may be null
     * @return DONE; LOCKED by {@code lockedBy}; or what to wait for
     */
    public Step rename(Workspace workspace, String from, String to, RecordListener listener) {
        clear(workspace);
        TreeRef tree = names.find(from);
        if (tree == null || from.equals(to) || names.find(to) != null) {
            workspace.found = tree != null && from.equals(to);
            return Step.DONE;
        }
        return changingWhileClosed(workspace, tree, () -> {
            Step step = withName(workspace, to, value -> move(workspace, tree, from, value, listener));
            if (step == Step.DONE) {
                long lsn = workspace.writtenLsn;
                TreeRef renamed = tree.renamed(lsn);
                byId.put(tree.treeId(), renamed);
                names.begin(to, renamed);
                names.end(from, tree, lsn);
                tree.reopen();
            }
            return step;
        });
    }

    private void clear(Workspace workspace) {
        workspace.found = false;
        workspace.writtenLsn = 0;
        workspace.awaitLsn = newestChangeLsn();
    }

    private static Step whileClosed(Workspace workspace, TreeRef tree, Supplier<Step> change) {
        long inside = tree.close();
        if (inside != 0) {
            workspace.lockedBy = inside;
            return inside == TreeRef.CLOSED ? Step.CONTENDED : Step.LOCKED;
        }
        Step step = Step.CONTENDED;
        try {
            step = tree.isCurrent() ? change.get() : Step.CONTENDED;
        } finally {
            workspace.found = step == Step.DONE;
            if (step != Step.DONE) {
                tree.reopen();
            }
        }
        return step;
    }

    /** Forgets what no snapshot at {@code lsn} or later asks for; whether there is more to forget later. */
    boolean forgetBefore(long lsn) {
        names.forgetBefore(lsn);
        return names.remembers();
    }

    /** The tree's pages are free. */
    void reclaimed(TreeRef tree) {
        byId.remove(tree.treeId());
    }

    /** The workspace's key is the name: its entry becomes a ghost, the root pending, the number marked as given. */
    private Step remove(Workspace workspace, TreeRef tree, long value, RecordListener listener) {
        TreeScratch scratch = TreeScratch.of(workspace);
        boolean marks = tree.treeId() > markedTreeId.get();
        Step step = Step.DONE;
        if (marks) {
            step = planMark(workspace, scratch, value);
            if (step != Step.DONE) {
                return step;
            }
        } else {
            workspace.miniTransaction.beginSingle();
        }
        step = find(workspace, scratch);
        if (step == Step.DONE && !scratch.live()) {
            step = Step.CONTENDED;
        }
        if (step == Step.DONE) {
            planRemoval(workspace, scratch);
            step = engine.pages().plan(workspace, workspace.miniTransaction, SpaceMap.PEND, tree.rootPage());
        }
        step = end(workspace, step, listener);
        if (step == Step.DONE && marks) {
            markedTreeId.accumulateAndGet(Memory.getLong(value), Math::max);
        }
        return step;
    }

    /** Begins a mini-transaction with the entry of the highest number given, written at {@code value}; leaves the key operand as it is. */
    private Step planMark(Workspace workspace, TreeScratch scratch, long value) {
        long name = workspace.keyAddress;
        int nameLength = workspace.keyLength;
        workspace.keyAddress = name + nameLength;
        workspace.keyLength = 1;
        Memory.putByte(workspace.keyAddress, MARK);
        try {
            Step step = find(workspace, scratch);
            if (step != Step.DONE) {
                return step;
            }
            scratch.newValueLength = VALUE_BYTES;
            if (!scratch.fits(pool.pageSize(), workspace.keyLength)) {
                return makeRoom(workspace, scratch);
            }
            // Read behind the stamp of the leaf: a number marked since would have changed it.
            Memory.putLong(value, lastTreeId.get());
            Memory.putLong(value + Long.BYTES, 0);
            workspace.miniTransaction.beginSingle();
            fill(workspace, scratch.change, value);
            trees.writer().plan(workspace.miniTransaction, scratch);
            return Step.DONE;
        } finally {
            workspace.keyAddress = name;
            workspace.keyLength = nameLength;
        }
    }

    /** The workspace's key is the new name: the entry of the old one becomes a ghost, the new one gets its own. */
    private Step move(Workspace workspace, TreeRef tree, String from, long value, RecordListener listener) {
        TreeScratch scratch = TreeScratch.of(workspace);
        Step step = find(workspace, scratch);
        if (step != Step.DONE || scratch.live()) {
            return step == Step.DONE ? Step.CONTENDED : step;
        }
        scratch.newValueLength = VALUE_BYTES;
        if (!scratch.fits(pool.pageSize(), workspace.keyLength)) {
            return makeRoom(workspace, scratch);
        }
        Memory.putLong(value, tree.treeId());
        Memory.putLong(value + Long.BYTES, tree.rootPage());
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginSingle();
        fill(workspace, scratch.change, value);
        trees.writer().plan(mini, scratch);
        byte[] old = encode(from, pool.pageSize());
        workspace.keyLength = old.length;
        Memory.copyFromArray(old, 0, workspace.keyAddress, old.length);
        step = find(workspace, scratch);
        if (step == Step.DONE && (!scratch.live() || Memory.getLong(value + Long.BYTES) != tree.rootPage())) {
            step = Step.CONTENDED;
        }
        if (step == Step.DONE) {
            planRemoval(workspace, scratch);
        }
        return end(workspace, step, listener);
    }

    /**
     * Moves the root of a tree out of the sealed tail of the data file; the entry in the catalogue changes with it. Nothing is done if the tree has
     * not this name any more, or its root does not lie there.
     *
     * @return DONE with the outcome, or what to wait for
     */
    Step moveRoot(Workspace workspace, String name, TreeRef tree, long tail, Consumer<Relocation.Outcome> outcome) {
        return withName(workspace, name, value -> {
            TreeScratch scratch = TreeScratch.of(workspace);
            Step step = find(workspace, scratch);
            if (step != Step.DONE) {
                return step;
            }
            long root = tree.rootPage();
            if (!scratch.live() || names.find(name) != tree || root < tail) {
                outcome.accept(Relocation.Outcome.PASSED);
                return Step.DONE;
            }
            return moveRoot(workspace, tree, value, root, tail, outcome);
        });
    }

    private Step moveRoot(
            Workspace workspace, TreeRef tree, long value, long root, long tail, Consumer<Relocation.Outcome> outcome) {
        int frame = pool.frameOf(root);
        if (frame == BufferPool.MISS) {
            workspace.missedPage = root;
            return Step.PAGE_MISS;
        }
        long stamp = pool.stamp(frame);
        if (stamp == 0 || pool.pageIdOf(frame) != root) {
            return Step.CONTENDED;
        }
        Memory.copy(pool.address(frame), workspace.pageBuffer, pool.pageSize());
        if (!pool.validate(frame, stamp) || tree.rootPage() != root) {
            return Step.CONTENDED;
        }
        long target = engine.pages().reserve(false);
        if (target == 0) {
            return Step.NO_FREE_PAGE;
        }
        if (target >= tail) {
            engine.pages().giveBack(target);
            outcome.accept(Relocation.Outcome.NO_ROOM);
            return Step.DONE;
        }
        Step step = planMove(workspace, tree, value, root, frame, stamp, target);
        MiniTransaction mini = workspace.miniTransaction;
        if (step != Step.DONE) {
            mini.abandon();
        } else {
            step = mini.admit(workspace);
        }
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            tree.moveRoot(target);
            mini.commit(null);
            outcome.accept(Relocation.Outcome.MOVED);
        } else {
            engine.pages().giveBack(target);
        }
        return step;
    }

    /** Plans the copy in the workspace's first page buffer as the new root, and what else changes with that. */
    private Step planMove(
            Workspace workspace, TreeRef tree, long value, long root, int frame, long stamp, long target) {
        TreeScratch scratch = TreeScratch.of(workspace);
        MiniTransaction mini = workspace.miniTransaction;
        mini.beginStructure(false);
        Step step = trees.restructuring().install(workspace, target);
        if (step == Step.DONE) {
            Memory.putLong(value, tree.treeId());
            Memory.putLong(value + Long.BYTES, target);
            fill(workspace, scratch.change, value);
            trees.writer().plan(mini, scratch);
            step = engine.pages().free(workspace, mini, root, frame, stamp);
        }
        return step == Step.DONE ? trees.restructuring().link(workspace, target) : step;
    }

    private Step find(Workspace workspace, TreeScratch scratch) {
        Step step = scratch.descent.to(pool, workspace, ROOT_PAGE, Descent.Target.KEY);
        if (step == Step.DONE) {
            scratch.look(pool, workspace);
            step = scratch.descent.leafValid(pool) ? Step.DONE : Step.CONTENDED;
        }
        return step;
    }

    private void planRemoval(Workspace workspace, TreeScratch scratch) {
        fill(workspace, scratch.change, workspace.resultAddress);
        scratch.change.ghost = true;
        scratch.change.valueLength = 0;
        // Not to be undone, but to be read: whose name it was.
        scratch.change.undoable = true;
        scratch.change.oldFlags = 0;
        scratch.change.oldStamp = scratch.stamp;
        scratch.change.oldValue = scratch.value;
        scratch.change.oldValueLength = scratch.valueLength;
        trees.writer().plan(workspace.miniTransaction, scratch);
    }

    private static Step end(Workspace workspace, Step planned, RecordListener listener) {
        MiniTransaction mini = workspace.miniTransaction;
        if (planned != Step.DONE) {
            mini.abandon();
            return planned;
        }
        Step step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            workspace.writtenLsn = mini.commit(listener);
        }
        return step;
    }

    private static void fill(Workspace workspace, LeafChange change, long value) {
        change.operation = TreeOperation.LEAF_PUT;
        change.slot = LeafChange.NO_SLOT;
        change.treeId = TREE_ID;
        change.key = workspace.keyAddress;
        change.keyLength = workspace.keyLength;
        change.ghost = false;
        change.isLong = false;
        change.value = value;
        change.valueLength = VALUE_BYTES;
        change.undoable = false;
        change.lock = false;
    }
}
