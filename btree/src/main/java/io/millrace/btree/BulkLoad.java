package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.OperationContext;
import io.millrace.txn.RecordListener;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.Arrays;
import java.util.function.Function;
import org.agrona.collections.LongArrayList;
import org.agrona.collections.LongHashSet;

/**
 * Loads a new tree: entries that come in key order go straight into pages ({@link TreeBuilder}); from the first one that does not, everything is
 * sorted first ({@link EntrySorter}). The tree comes into being by the last mini-transaction, which gives it its name: until then all its pages
 * are pending. One use, one engine thread, which blocks.
 */
public final class BulkLoad {
    /** Of {@link #finish}. */
    public static final long NAME_IS_TAKEN = -1;

    private static final int ENTRIES_BETWEEN_QUESTIONS = 1024;

    private final OperationContext context;
    private final BTree trees;
    private final Catalogue catalogue;
    private final LoadSpace space;
    private final int pageSize;
    private final long stamp;
    private final long reference;
    /** First pages of long values that no page of the tree refers to yet. */
    private final LongHashSet loose = new LongHashSet();

    private TreeBuilder builder;
    private EntrySorter sorter;
    private long root;

    /** A load into the trees of {@code catalogue}. */
    public BulkLoad(OperationContext context, BTree trees, Catalogue catalogue, LoadSpace space) {
        this.context = context;
        this.trees = trees;
        this.catalogue = catalogue;
        this.space = space;
        pageSize = context.engine().pool().pageSize();
        stamp = Math.max(1, context.engine().visibleLsn());
        reference = Memory.allocateOwned(this, LongValueLayout.REFERENCE_BYTES);
        builder = new TreeBuilder(context, catalogue.newTreeId(), stamp, loose);
    }

    /** Takes an entry, key and value behind each other in {@code bytes} from {@code offset} on; both have been measured. */
    public void add(byte[] bytes, int offset, int keyLength, int valueLength) {
        boolean isLong = valueLength > Limits.maxValue(pageSize);
        if (isLong) {
            writeLong(bytes, offset + keyLength, valueLength);
        }
        int length = isLong ? LongValueLayout.REFERENCE_BYTES : valueLength;
        if (sorter == null) {
            put(builder.nextKey(), bytes, offset, keyLength, valueLength, isLong);
            int order = builder.compareToLast(keyLength);
            if (order >= 0) {
                build(order, keyLength, length, isLong);
                return;
            }
            beginSorting();
        }
        long entry = sorter.next(EntryOrder.HEADER + keyLength + length);
        put(entry + EntryOrder.HEADER, bytes, offset, keyLength, valueLength, isLong);
        EntryOrder.write(entry, keyLength, length, isLong);
        sorter.add();
    }

    /** What has been built so far is to be sorted with the rest: its entries are taken out again, its pages freed. */
    private void beginSorting() {
        sorter = new EntrySorter(space, pageSize, this::dropped);
        long page = Memory.allocateOwned(sorter, pageSize);
        PoolPages pages = new PoolPages(context.engine().pool());
        for (int i = 0; i < builder.leaves().size(); i++) {
            long leaf = builder.leaves().getLong(i);
            pages.copy(leaf, page);
            for (int slot = 0; slot < SlottedPageLayout.slotCount(page, pageSize); slot++) {
                sortAgain(page, slot);
            }
            LongArrayList unlinked = new LongArrayList();
            run(workspace -> LongValueLinks.unlinkAll(context.engine(), workspace, leaf, unlinked));
            loose.addAll(unlinked);
        }
        builder.takeStaged((key, keyLength, valueLength, isLong) -> {
            long entry = sorter.next(EntryOrder.HEADER + keyLength + valueLength);
            Memory.copy(key, entry + EntryOrder.HEADER, keyLength + valueLength);
            EntryOrder.write(entry, keyLength, valueLength, isLong);
            sorter.add();
        });
        freePages();
        builder = new TreeBuilder(context, builder.treeId(), stamp, loose);
    }

    private void sortAgain(long page, int slot) {
        long source = LeafPage.entry(page, pageSize, slot);
        int valueLength = LeafPage.valueLength(source);
        int suffix = LeafPage.suffixLength(page, pageSize, slot);
        long entry = sorter.next(EntryOrder.HEADER + pageSize);
        int keyLength = LeafPage.copyKey(page, pageSize, slot, entry + EntryOrder.HEADER);
        Memory.copy(LeafPage.value(source, suffix), entry + EntryOrder.HEADER + keyLength, valueLength);
        EntryOrder.write(entry, keyLength, valueLength, LeafPage.isLong(source));
        sorter.add();
    }

    private void put(long key, byte[] bytes, int offset, int keyLength, int valueLength, boolean isLong) {
        Memory.copyFromArray(bytes, offset, key, keyLength + (isLong ? 0 : valueLength));
        if (isLong) {
            Memory.copy(reference, key + keyLength, LongValueLayout.REFERENCE_BYTES);
        }
    }

    private void build(int order, int keyLength, int valueLength, boolean isLong) {
        if (order == 0) {
            letGo(builder.replaceLast(keyLength, valueLength, isLong));
        } else {
            builder.add(keyLength, valueLength, isLong);
        }
    }

    private void writeLong(byte[] bytes, int offset, int length) {
        LongValueWriter writer = trees.longValueWriter(Arrays.copyOfRange(bytes, offset, offset + length), length);
        try {
            run(writer::write);
        } finally {
            if (writer.head() != 0) {
                loose.add(writer.head());
            }
        }
        writer.reference(reference);
    }

    private void dropped(long entry) {
        if (EntryOrder.isLong(entry)) {
            letGo(LongValueLayout.head(entry + EntryOrder.HEADER + EntryOrder.keyLength(entry)));
        }
    }

    private void letGo(long head) {
        if (head != 0) {
            loose.remove(head);
            catalogue.reclaimer().unlinked(head);
        }
    }

    /**
     * Everything has come: gives the tree its name. Answers the LSN of that, 0 if there was no entry; {@link #NAME_IS_TAKEN} if the name means
     * another tree by now, and then nothing is done.
     *
     * @param stillWanted asked now and then; throws if nothing is to come of it any more
     * @param listener told when that is durable
     */
    public long finish(String name, Runnable stillWanted, RecordListener listener) {
        if (sorter != null) {
            sortIntoPages(stillWanted);
        }
        root = builder.finish();
        stillWanted.run();
        if (root == 0) {
            return 0;
        }
        long[] lsn = new long[1];
        boolean[] taken = new boolean[1];
        run(workspace -> {
            Step step = catalogue.link(workspace, name, builder.treeId(), root, listener);
            lsn[0] = workspace.writtenLsn;
            taken[0] = workspace.found;
            return step;
        });
        if (taken[0]) {
            return NAME_IS_TAKEN;
        }
        root = 0;
        loose.clear();
        builder = null;
        return lsn[0];
    }

    private void sortIntoPages(Runnable stillWanted) {
        SortedRun run = sorter.sorted();
        int count = 0;
        for (long entry = run.next(); entry != 0; entry = run.next()) {
            if (count++ % ENTRIES_BETWEEN_QUESTIONS == 0) {
                stillWanted.run();
            }
            int keyLength = EntryOrder.keyLength(entry);
            int valueLength = EntryOrder.valueLength(entry);
            Memory.copy(entry + EntryOrder.HEADER, builder.nextKey(), keyLength + valueLength);
            builder.add(keyLength, valueLength, EntryOrder.isLong(entry));
        }
        sorter.close();
    }

    private void run(Function<Workspace, Step> step) {
        Errand.run(context, step);
    }

    private void freePages() {
        builder.pending().forEach(catalogue.reclaimer()::unlinked);
    }

    /** Frees what is left of a load that does not come to its end, and its files. Idempotent; also after the end. */
    public void close() {
        if (sorter != null) {
            sorter.close();
        }
        if (builder != null) {
            freePages();
            loose.forEach(catalogue.reclaimer()::unlinked);
            catalogue.reclaimer().unlinked(root);
            loose.clear();
            builder = null;
        }
    }
}
