package io.millrace.btree;

import io.millrace.common.Memory;
import io.millrace.txn.Workspace;

/** How far somebody has come who goes through a tree from its first key to its last. One thread at a time. */
final class KeyWalk {
    private byte[] key = {};
    private boolean ended;

    /** Where to go on becomes the workspace's key: empty at the beginning of the tree. */
    void to(Workspace workspace) {
        workspace.key(key, 0, key.length);
    }

    /** Goes on behind a page with this high fence; one without is the last. */
    void goBehind(byte[] highFence) {
        key = highFence;
        ended = highFence.length == 0;
    }

    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Copies the high fence of a page, which may change meanwhile. */
    static byte[] highFence(long page, int pageSize) {
        byte[] fence = new byte[SlottedPageLayout.highFenceLength(page, pageSize)];
        Memory.copyToArray(SlottedPageLayout.highFence(page, pageSize), fence, 0, fence.length);
        return fence;
    }
}
