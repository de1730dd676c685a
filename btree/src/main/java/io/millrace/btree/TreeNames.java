package io.millrace.btree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the names of trees mean, now and to snapshots that are open: the catalogue in memory. Lock-free for readers, any thread; one name is
 * changed by one thread at a time, which the catalogue's page sees to.
 */
final class TreeNames {
    private final ConcurrentMap<String, TreeRef> current = new ConcurrentHashMap<>();
    // What names meant before, to snapshots that are still open.
    private final ConcurrentMap<String, List<TreeRef>> former = new ConcurrentHashMap<>();
    private final AtomicLong newestChangeLsn = new AtomicLong();

    /** What the name means now, or null. */
    TreeRef find(String name) {
        TreeRef tree = current.get(name);
        return tree != null && tree.isNamed() ? tree : null;
    }

    /** The name is about to mean this tree; false if it means one already, or is about to. */
    boolean announce(String name, TreeRef tree) {
        return current.putIfAbsent(name, tree) == null;
    }

    /** It is not. */
    void withdraw(String name, TreeRef tree) {
        current.remove(name, tree);
    }

    /** What was announced is so, from {@code lsn} on. Allocates nothing. */
    void named(TreeRef tree, long lsn) {
        tree.named(lsn);
        newestChangeLsn.accumulateAndGet(lsn, Math::max);
    }

    /** What it means to a snapshot at {@code lsn}, or null. */
    TreeRef find(String name, long lsn) {
        TreeRef now = current.get(name);
        if (now != null && now.isSeenAt(lsn)) {
            return now;
        }
        for (TreeRef tree : former.getOrDefault(name, List.of())) {
            if (tree.isSeenAt(lsn)) {
                return tree;
            }
        }
        return null;
    }

    /** See {@link Catalogue#changedSince}. */
    long changedSince(String name, long lsn) {
        long changed = 0;
        for (TreeRef tree : former.getOrDefault(name, List.of())) {
            changed = Math.max(changed, tree.endedLsn());
        }
        TreeRef now = current.get(name);
        if (now != null && now.isRenamed() && now.isNamed()) {
            changed = Math.max(changed, now.sinceLsn());
        }
        return changed > lsn ? changed : 0;
    }

    List<String> sorted() {
        List<String> names = new ArrayList<>();
        current.forEach((name, tree) -> {
            if (tree.isNamed()) {
                names.add(name);
            }
        });
        Collections.sort(names);
        return names;
    }

    Map<Long, String> byId() {
        Map<Long, String> names = new HashMap<>();
        current.forEach((name, tree) -> names.put(tree.treeId(), name));
        return names;
    }

    long newestChangeLsn() {
        return newestChangeLsn.get();
    }

    /** From now on the name means this tree. */
    void begin(String name, TreeRef tree) {
        newestChangeLsn.accumulateAndGet(tree.sinceLsn(), Math::max);
        current.put(name, tree);
    }

    /** From {@code lsn} on the name means this tree no longer. */
    void end(String name, TreeRef tree, long lsn) {
        // In this order: whoever does not find it among the current ones any more finds it among the former ones.
        tree.end(lsn);
        newestChangeLsn.accumulateAndGet(lsn, Math::max);
        former.merge(name, List.of(tree), (some, more) -> {
            List<TreeRef> all = new ArrayList<>(some);
            all.addAll(more);
            return List.copyOf(all);
        });
        current.remove(name, tree);
    }

    /** Forgets what no snapshot at {@code lsn} or later asks for. */
    void forgetBefore(long lsn) {
        for (String name : former.keySet()) {
            former.computeIfPresent(name, (same, trees) -> {
                List<TreeRef> kept =
                        trees.stream().filter(tree -> tree.endedLsn() > lsn).toList();
                return kept.isEmpty() ? null : kept;
            });
        }
    }

    /** Whether there is something to forget. */
    boolean remembers() {
        return !former.isEmpty();
    }
}
