package io.millrace.btree;

import io.millrace.buffer.PageLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each page of a data file says of itself, in columns: 34 bytes of heap a page. Filled by one pass over the file, read by the checks that
 * follow.
 */
final class PageColumns {
    private static final byte UNSOUND = -1;

    private final byte[] kinds;
    private final byte[] levels;
    private final int[] trees;
    private final long[] lowFences;
    private final long[] highFences;
    private final int[] entries;
    private final int[] ghosts;
    private final int[] usedBytes;
    private final BitSet longValues = new BitSet();
    private final Map<Integer, List<String>> findings = new HashMap<>();

    PageColumns(int pages) {
        kinds = new byte[pages];
        levels = new byte[pages];
        trees = new int[pages];
        lowFences = new long[pages];
        highFences = new long[pages];
        entries = new int[pages];
        ghosts = new int[pages];
        usedBytes = new int[pages];
    }

    int count() {
        return kinds.length;
    }

    /** A page that is part of no tree. */
    void set(int page, int kind, int tree) {
        kinds[page] = (byte) kind;
        trees[page] = tree;
    }

    /** A sound page of a tree. */
    void set(int page, PageFacts facts) {
        kinds[page] = (byte) facts.kind();
        levels[page] = (byte) facts.level();
        trees[page] = facts.treeId();
        lowFences[page] = facts.lowFence();
        highFences[page] = facts.highFence();
        entries[page] = facts.entries();
        ghosts[page] = facts.ghosts();
        usedBytes[page] = facts.usedBytes();
        longValues.set(page, facts.hasLongValues());
    }

    /** Something is wrong with a page, which is not to be trusted any more. */
    void find(int page, String what) {
        kinds[page] = UNSOUND;
        findings.computeIfAbsent(page, unused -> new ArrayList<>()).add(what);
    }

    boolean isSound(int page) {
        return kinds[page] != UNSOUND;
    }

    int kind(int page) {
        return isSound(page) ? kinds[page] : PageLayout.KIND_FREE;
    }

    int tree(int page) {
        return trees[page];
    }

    PageFacts facts(int page) {
        return new PageFacts(
                kinds[page],
                levels[page],
                trees[page],
                lowFences[page],
                highFences[page],
                entries[page],
                ghosts[page],
                usedBytes[page],
                longValues.get(page));
    }

    /** What is wrong with a page, once: whoever asks reports it. */
    List<String> takeFindings(int page) {
        List<String> found = findings.remove(page);
        return found == null ? List.of() : found;
    }

    /** Pages with findings that nobody has taken. */
    List<Integer> pagesWithFindings() {
        return findings.keySet().stream().sorted().toList();
    }
}
