package io.millrace.btree;

import java.util.List;

/**
 * What {@link TreeCheck} found.
 *
 * @param height levels, 1 for a root that is a leaf
 * @param pages pages of the tree, those of its long values included
 * @param leaves how many of them are leaves
 * @param entries live entries, whoever may see them
 * @param ghosts deleted entries still there
 * @param leafBytes bytes in use in leaves
 * @param findings what is wrong, page by page; empty for a sound tree
 */
public record TreeReport(
        int height, long pages, long leaves, long entries, long ghosts, long leafBytes, List<Finding> findings) {
    /** How full the leaves are on average, between 0 and 1. */
    public double leafFill(int pageSize) {
        return leaves == 0 ? 0 : (double) leafBytes / ((double) leaves * pageSize);
    }

    /** Whether nothing is wrong. */
    public boolean sound() {
        return findings.isEmpty();
    }
}
