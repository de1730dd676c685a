package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import io.millrace.storage.StorageDirectory;
import io.millrace.txn.SpaceMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks a store that is not open, from its files, and changes nothing:
 *
 * <ol>
 *   <li>one pass over the data file: checksum, identity, and every page by itself ({@link PageCheck});
 *   <li>the catalogue and every tree it names, from the roots ({@link TreeCheck});
 *   <li>that every page in use according to the space map belongs to exactly one of them, and no other page does.
 * </ol>
 *
 * <p>Reads the data file once, and its inner pages once more. Needs 34 bytes of heap a page. Blocks; one use, one thread.
 */
public final class StoreCheck {
    private final OfflineStore store;
    private final PageColumns columns;
    private final int pageSize;
    private final List<Finding> findings = new ArrayList<>();
    private final BitSet reached = new BitSet();
    private final SortedMap<String, TreeReport> maps = new TreeMap<>();
    private final SortedMap<String, TreeRef> trees = new TreeMap<>();
    private final Set<Long> damagedTrees = new HashSet<>();
    private final BitSet used = new BitSet();
    private final BitSet pending = new BitSet();
    private final BitSet dropped = new BitSet();
    private final BitSet unknown = new BitSet();
    private final LongValueChain longValues;

    StoreCheck(OfflineStore store) {
        this.store = store;
        columns = store.columns();
        pageSize = store.pageSize();
        longValues = new LongValueChain(store);
    }

    /**
     * Checks the store in {@code directory}, which stays open.
     *
     * @throws io.millrace.error.StoreLockedException if it is open
     * @throws io.millrace.error.CorruptPageException if the control file is damaged, or the data file another one or cut short
     * @throws io.millrace.error.IncompatibleFormatException if the directory holds no store, or one of a later format
     * @throws io.millrace.error.StorageIoException if the device fails
     */
    public static StoreReport check(StorageDirectory directory) throws IOException {
        try (OfflineStore store = OfflineStore.open(directory)) {
            return new StoreCheck(store).run();
        }
    }

    StoreReport run() {
        store.scan();
        BitSet catalogue = new BitSet();
        checkTree(Catalogue.SELF, catalogue);
        catalogue.stream()
                .filter(page -> columns.kind(page) == PageLayout.KIND_LEAF)
                .forEach(this::readNames);
        trees.forEach((name, tree) -> maps.put(name, checkTree(tree, new BitSet())));
        readSpaceMap();
        pending.stream().forEach(this::checkPending);
        checkOwners();
        for (int page : columns.pagesWithFindings()) {
            columns.takeFindings(page).forEach(what -> find(page, what));
        }
        return new StoreReport(
                store.path(),
                pageSize,
                columns.count(),
                columns.count() - used.cardinality(),
                store.isCleanlyClosed(),
                Collections.unmodifiableSortedMap(maps),
                List.copyOf(findings));
    }

    // --- what was found, for who salvages

    /** The trees of the catalogue, as far as it can be read. */
    SortedMap<String, TreeRef> trees() {
        return trees;
    }

    boolean isReached(int page) {
        return reached.get(page);
    }

    /** Whether the page belongs to a dropped tree. */
    boolean isDropped(int page) {
        return dropped.get(page);
    }

    /** Whether the space map says, or can't say otherwise, that the page is in use. */
    boolean mayBeUsed(int page) {
        return used.get(page) || unknown.get(page);
    }

    /** Whether a part of the tree can't be read. */
    boolean isDamaged(long treeId) {
        return damagedTrees.contains(treeId);
    }

    private TreeReport checkTree(TreeRef tree, BitSet pages) {
        TreeReport report = new TreeCheck(store, tree, page -> reach(page, pages)).run();
        findings.addAll(report.findings());
        if (!report.sound()) {
            damagedTrees.add(tree.treeId());
        }
        return report;
    }

    private boolean reach(long page, BitSet pages) {
        if (page < 0 || page >= columns.count()) {
            return true;
        }
        int index = (int) page;
        boolean first = !reached.get(index);
        reached.set(index);
        pages.set(index);
        return first;
    }

    private void readNames(int page) {
        long memory = Memory.allocate(pageSize);
        long key = Memory.allocate(pageSize);
        try {
            store.copy(page, memory);
            LeafPage.forEachLive(memory, pageSize, key, (address, keyLength, value, valueLength) -> {
                if (Catalogue.isMark(address, keyLength)) {
                    return;
                }
                String name = Catalogue.name(address, keyLength);
                TreeRef tree = Catalogue.tree(value, valueLength);
                if (tree == null) {
                    find(page, "has an entry of " + valueLength + " bytes for map " + name);
                } else {
                    trees.put(name, tree);
                }
            });
        } finally {
            Memory.free(memory);
            Memory.free(key);
        }
    }

    private void readSpaceMap() {
        long memory = Memory.allocate(pageSize);
        try {
            int bits = Math.toIntExact(Math.min(Integer.MAX_VALUE, SpaceMap.bitsPerPage(pageSize)));
            for (int first = 0; first < columns.count(); first += bits) {
                int mapPage = first + 1;
                int end = (int) Math.min((long) first + bits, columns.count());
                if (mapPage >= columns.count() || !columns.isSound(mapPage)) {
                    unknown.set(first, end);
                    continue;
                }
                store.copy(mapPage, memory);
                readMapPage(memory, first, end);
            }
        } finally {
            Memory.free(memory);
        }
    }

    private void readMapPage(long memory, int first, int end) {
        int kind = PageLayout.kind(memory);
        if (kind != PageLayout.KIND_SPACE_MAP && kind != PageLayout.KIND_FREE) {
            find(first + 1, "is of kind " + kind + ", not a page of the space map");
            unknown.set(first, end);
            return;
        }
        for (int page = first; page < end; page++) {
            used.set(page, SpaceMap.isReserved(page, pageSize) || SpaceMap.isSet(memory, page - first));
            pending.set(page, SpaceMap.isPending(memory, pageSize, page - first));
        }
    }

    /**
     * The head of something that nothing refers to; of a tree it is the root. A dropped tree loses its pages from the right, so of its fences
     * nothing is expected.
     */
    private void checkPending(long page) {
        if (columns.kind((int) page) == PageLayout.KIND_LONG_VALUE) {
            longValues.reachPending(page, part -> reach(part, dropped));
            return;
        }
        if (!reach(page, dropped) || !columns.isSound((int) page)) {
            return;
        }
        if (columns.kind((int) page) == PageLayout.KIND_LEAF) {
            reachLongValues(page);
            return;
        }
        if (columns.kind((int) page) != PageLayout.KIND_INNER) {
            return;
        }
        long memory = Memory.allocate(pageSize);
        try {
            store.copy(page, memory);
            for (int i = InnerPage.LEFTMOST; i < SlottedPageLayout.slotCount(memory, pageSize); i++) {
                long child = InnerPage.child(memory, pageSize, i);
                if (child != 0 && child < columns.count()) {
                    checkPending(child);
                }
            }
        } finally {
            Memory.free(memory);
        }
    }

    /** Those of a leaf of a dropped tree. */
    private void reachLongValues(long leaf) {
        if (!columns.facts((int) leaf).hasLongValues()) {
            return;
        }
        long memory = Memory.allocate(pageSize);
        try {
            store.copy(leaf, memory);
            for (int i = 0; i < SlottedPageLayout.slotCount(memory, pageSize); i++) {
                long entry = LeafPage.entry(memory, pageSize, i);
                if (LeafPage.isLong(entry)) {
                    long reference = LeafPage.value(entry, LeafPage.suffixLength(memory, pageSize, i));
                    longValues.reachPending(LongValueLayout.head(reference), part -> reach(part, dropped));
                }
            }
        } finally {
            Memory.free(memory);
        }
    }

    private boolean isTreePage(int page) {
        int kind = columns.kind(page);
        return kind == PageLayout.KIND_LEAF || kind == PageLayout.KIND_INNER;
    }

    private void checkOwners() {
        for (int page = 0; page < columns.count(); page++) {
            boolean owned = reached.get(page) || SpaceMap.isReserved(page, pageSize);
            if (unknown.get(page) || owned == used.get(page)) {
                continue;
            }
            if (owned) {
                String owner = isTreePage(page) ? "tree " + columns.tree(page) : "a long value";
                find(page, "belongs to " + owner + " but is free in the space map");
            } else if (damagedTrees.isEmpty()) {
                find(page, "is in use in the space map but belongs to nothing" + origin(page));
            } else {
                find(page, "is in use but can't be reached, for what is wrong with other pages" + origin(page));
            }
        }
    }

    private String origin(int page) {
        return isTreePage(page) ? "; it says it is of tree " + columns.tree(page) : "";
    }

    private void find(int page, String what) {
        findings.add(new Finding(page, "", what));
    }
}
