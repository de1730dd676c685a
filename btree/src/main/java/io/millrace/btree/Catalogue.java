package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.error.LimitExceededException;
import io.millrace.txn.Engine;
import io.millrace.txn.MiniTransaction;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which trees there are: a tree itself, with number 1 and its root in page 2, from a name in UTF-8 to tree id and root page. A tree comes into
 * being by one mini-transaction: catalogue entry, page bit, empty root. All trees are known in memory from {@link #load} on.
 *
 * <pre>
 * value: u64 tree id | u64 root page
 * </pre>
 */
public final class Catalogue {
    /** The catalogue's own number. */
    public static final int TREE_ID = 1;
    /** Page id of its root. */
    public static final long ROOT_PAGE = 2;

    private static final int VALUE_BYTES = 2 * Long.BYTES;
    private static final int LOAD_BATCH = 256;
    static final TreeRef SELF = new TreeRef(TREE_ID, ROOT_PAGE, 0);

    private final Engine engine;
    private final BufferPool pool;
    private final BTree trees;
    private final ConcurrentMap<String, TreeRef> byName = new ConcurrentHashMap<>();
    private final ConcurrentMap<Long, TreeRef> byId = new ConcurrentHashMap<>();
    private final AtomicLong lastTreeId = new AtomicLong(TREE_ID);
    private final ScanCursor loading = new ScanCursor(null, false, null, false, false);

    /** The catalogue of a store; knows nothing until it is loaded. */
    public Catalogue(BTree trees) {
        this.trees = trees;
        engine = trees.engine();
        pool = engine.pool();
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
        keep(name(key, keyLength), value, 0);
    }

    /** The name in the key of an entry. */
    static String name(long key, int keyLength) {
        byte[] name = new byte[keyLength];
        Memory.copyToArray(key, name, 0, keyLength);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** The tree in the value of an entry; null if it is none. */
    static TreeRef tree(long value, int valueLength) {
        return valueLength == VALUE_BYTES ? decode(value, 0) : null;
    }

    private static TreeRef decode(long value, long lsn) {
        return new TreeRef(Memory.getLong(value), Memory.getLong(value + Long.BYTES), lsn);
    }

    private void keep(String name, long value, long lsn) {
        TreeRef tree = decode(value, lsn);
        lastTreeId.accumulateAndGet(tree.treeId(), Math::max);
        byId.put(tree.treeId(), tree);
        byName.put(name, tree);
    }

    /** The tree with this name, or null. Its creation may not be durable yet. */
    public TreeRef find(String name) {
        return byName.get(name);
    }

    /** The tree with this number; it must exist. */
    TreeRef byId(long treeId) {
        TreeRef tree = byId.get(treeId);
        if (tree == null) {
            throw new IllegalStateException("the catalogue does not know tree " + treeId);
        }
        return tree;
    }

    /** The names of all trees, sorted; a creation may not be durable yet, see {@link #newestCreationLsn}. */
    public List<String> names() {
        List<String> names = new ArrayList<>(byName.keySet());
        Collections.sort(names);
        return names;
    }

    /** LSN that must be durable for {@link #names} to be final. */
    public long newestCreationLsn() {
        long newest = 0;
        for (TreeRef tree : byName.values()) {
            newest = Math.max(newest, tree.createdLsn());
        }
        return newest;
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
        if (byName.containsKey(name)) {
            return Step.DONE;
        }
        byte[] key = encode(name, pool.pageSize());
        long keyAddress = workspace.keyAddress;
        int keyLength = workspace.keyLength;
        // Above what structure changes use of the result memory.
        long own = workspace.resultAddress + pool.pageSize() / 2;
        Memory.copyFromArray(key, 0, own + VALUE_BYTES, key.length);
        workspace.keyAddress = own + VALUE_BYTES;
        workspace.keyLength = key.length;
        try {
            return createUnlessThere(workspace, name, own);
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
        if (scratch.exists) {
            Memory.copy(scratch.value, value, Math.min(VALUE_BYTES, scratch.valueLength));
        }
        if (!scratch.descent.leafValid(pool)) {
            return Step.CONTENDED;
        }
        if (scratch.live()) {
            keep(name, value, scratch.stamp);
            return Step.DONE;
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
        if (step != Step.DONE) {
            mini.abandon();
            return step;
        }
        fill(workspace, scratch.change, value);
        trees.writer().plan(mini, scratch);
        step = mini.admit(workspace);
        if (step == Step.DONE) {
            step = mini.latch();
        }
        if (step == Step.DONE) {
            workspace.writtenLsn = mini.commit(null);
        }
        return step;
    }

    private static void fill(Workspace workspace, LeafChange change, long value) {
        change.operation = TreeOperation.LEAF_PUT;
        change.treeId = TREE_ID;
        change.key = workspace.keyAddress;
        change.keyLength = workspace.keyLength;
        change.ghost = false;
        change.value = value;
        change.valueLength = VALUE_BYTES;
        change.undoable = false;
    }
}
