package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.storage.StorageDirectory;
import io.millrace.txn.Stamps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads all that can be read of a damaged store, and changes nothing: the leaves that are reached from a root, then those that only a damaged
 * page led to, oldest first, as far as their keys do not lie in the range of the former. A tree whose name is lost is called {@code tree-N}.
 * Blocks; one use, one thread.
 */
public final class Salvage implements AutoCloseable {
    private final OfflineStore store;
    private final PageColumns columns;
    private final int pageSize;
    private final long page;
    private final long key;
    private final StoreCheck check;
    private final LongValueChain longValues;
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, TreeMap<byte[], byte[]>> covered = new HashMap<>();
    private final TreeMap<String, Long> entries = new TreeMap<>();
    private SalvageSink sink;
    private long uncertain;

    private Salvage(OfflineStore store) {
        this.store = store;
        columns = store.columns();
        pageSize = store.pageSize();
        page = Memory.allocateOwned(this, pageSize);
        key = Memory.allocateOwned(this, pageSize);
        check = new StoreCheck(store);
        longValues = new LongValueChain(store);
    }

    /** Locks the store in {@code directory}, which stays open. Throws as {@link StoreCheck#check}. */
    public static Salvage open(StorageDirectory directory) throws IOException {
        return new Salvage(OfflineStore.open(directory));
    }

    /** Size of the store's pages: limits on keys and values follow from it. */
    public int pageSize() {
        return pageSize;
    }

    /** Gives {@code taker} what can be read; once. */
    public SalvageReport run(SalvageSink taker) {
        sink = taker;
        StoreReport report = check.run();
        check.trees().forEach((name, tree) -> names.put(tree.treeId(), name));
        List<Long> strays = new ArrayList<>();
        for (int pageId = 0; pageId < columns.count(); pageId++) {
            if (columns.kind(pageId) != PageLayout.KIND_LEAF
                    || columns.tree(pageId) == Catalogue.TREE_ID
                    || check.isDropped(pageId)) {
                continue;
            }
            if (check.isReached(pageId)) {
                takeWhole(pageId);
            } else if (check.mayBeUsed(pageId) && isMissing(columns.tree(pageId))) {
                strays.add((long) pageId);
            }
        }
        Map<Long, Long> lsns = new HashMap<>();
        strays.forEach(stray -> lsns.put(stray, pageLsn(stray)));
        strays.sort(Comparator.comparing(lsns::get));
        strays.forEach(this::takeRest);
        return new SalvageReport(report, entries, uncertain);
    }

    /** Whether a page of this tree may have lost its parent. */
    private boolean isMissing(long treeId) {
        return check.isDamaged(treeId) || check.isDamaged(Catalogue.TREE_ID) && !names.containsKey(treeId);
    }

    private long pageLsn(long pageId) {
        store.copy(pageId, page);
        return PageLayout.pageLsn(page);
    }

    private void takeWhole(int pageId) {
        store.copy(pageId, page);
        long treeId = columns.tree(pageId);
        if (check.isDamaged(treeId)) {
            PageCheck fences = new PageCheck(pageSize, finding -> {}).at(page);
            covered.computeIfAbsent(treeId, unused -> new TreeMap<>(Arrays::compareUnsigned))
                    .put(fences.lowFence(), fences.highFence());
        }
        take(treeId, null);
    }

    private void takeRest(long pageId) {
        store.copy(pageId, page);
        long treeId = columns.tree((int) pageId);
        take(treeId, covered.get(treeId));
    }

    private void take(long treeId, TreeMap<byte[], byte[]> ranges) {
        String name = names.computeIfAbsent(treeId, id -> "tree-" + id);
        LeafPage.forEachLive(page, pageSize, key, new EntrySink() {
            @Override
            public void entry(long address, int keyLength, long value, int valueLength) {
                take(address, keyLength, bytes(value, valueLength));
            }

            @Override
            public boolean longEntry(long address, int keyLength, long reference) {
                byte[] value = longValues.read(reference);
                if (value != null) {
                    take(address, keyLength, value);
                }
                return true;
            }

            private void take(long address, int keyLength, byte[] value) {
                byte[] keyBytes = bytes(address, keyLength);
                if (ranges == null || !isCovered(ranges, keyBytes)) {
                    sink.entry(name, keyBytes, value);
                    entries.merge(name, 1L, Long::sum);
                }
            }
        });
        countUncertain();
    }

    private static boolean isCovered(TreeMap<byte[], byte[]> ranges, byte[] key) {
        Map.Entry<byte[], byte[]> range = ranges.floorEntry(key);
        return range != null && (range.getValue().length == 0 || Arrays.compareUnsigned(key, range.getValue()) < 0);
    }

    private void countUncertain() {
        int count = SlottedPageLayout.slotCount(page, pageSize);
        for (int i = 0; i < count && !store.isCleanlyClosed(); i++) {
            long stamp = LeafPage.stamp(LeafPage.entry(page, pageSize, i));
            if (Stamps.isTransaction(stamp) && Stamps.incarnation(stamp) == store.incarnation()) {
                uncertain++;
            }
        }
    }

    private static byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copyToArray(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
