package io.millrace.btree;

import io.millrace.txn.MiniTransaction;
import io.millrace.txn.PageAllocator;
import io.millrace.txn.SpaceMap;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;

/**
 * What a change of a leaf entry means to the long values before and after it: a long value is pending exactly as long as no leaf entry refers to
 * it. So the change that links one takes it off the list of what is pending, and the one that takes its entry away puts it there; the same
 * mini-transaction does both. Mutable, one per {@link TreeScratch}.
 */
final class LongValueLinks {
    /** First page of the long value that is linked, 0 for none. */
    private long linked;

    /** First page of the one that nothing refers to any more, 0 for none. */
    private long unlinked;

    /** The entry had the long value that begins with page {@code before}, and gets the other one; 0 stands for none. */
    void change(long before, long after) {
        linked = before == after ? 0 : after;
        unlinked = before == after ? 0 : before;
    }

    long unlinked() {
        return unlinked;
    }

    /** Plans it; behind the change of the leaf, which is the first one of its record. DONE, PAGE_MISS or CONTENDED. */
    Step plan(PageAllocator pages, Workspace workspace) {
        MiniTransaction mini = workspace.miniTransaction;
        Step step = linked == 0 ? Step.DONE : pages.plan(workspace, mini, SpaceMap.SET, linked);
        return step == Step.DONE && unlinked != 0 ? pages.plan(workspace, mini, SpaceMap.PEND, unlinked) : step;
    }
}
