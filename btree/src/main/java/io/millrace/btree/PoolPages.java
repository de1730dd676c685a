package io.millrace.btree;

import io.millrace.buffer.BufferPool;
import io.millrace.buffer.PageLayout;
import io.millrace.common.Memory;
import java.util.function.Consumer;

/** The pages of an open store, through its pool. Engine threads only: loads pages and blocks. */
final class PoolPages implements PageSource {
    private static final int MAX_COPIES = 1000;

    private final BufferPool pool;
    private final long page;

    PoolPages(BufferPool pool) {
        this.pool = pool;
        page = Memory.allocateOwned(this, pool.pageSize());
    }

    @Override
    public int pageSize() {
        return pool.pageSize();
    }

    @Override
    public PageFacts facts(long pageId, Consumer<String> findings) {
        copy(pageId, page);
        if (!SlottedPageLayout.isLeaf(page) && !SlottedPageLayout.isInner(page)) {
            findings.accept("is of kind " + PageLayout.kind(page));
            return PageFacts.DAMAGED;
        }
        boolean[] sound = {true};
        PageCheck check = new PageCheck(pool.pageSize(), finding -> {
            sound[0] = false;
            findings.accept(finding);
        });
        check.at(page).content();
        return sound[0] ? PageFacts.of(page, pool.pageSize()) : PageFacts.DAMAGED;
    }

    @Override
    public boolean copyPart(long pageId, long target) {
        copy(pageId, target);
        return LongValueLayout.isPart(target);
    }

    @Override
    public void copy(long pageId, long target) {
        int frame = pool.pin(pageId);
        try {
            for (int i = 0; i < MAX_COPIES; i++) {
                long stamp = pool.stamp(frame);
                Memory.copy(pool.address(frame), target, pool.pageSize());
                if (stamp != 0 && pool.validate(frame, stamp)) {
                    return;
                }
                Thread.onSpinWait();
            }
            throw new IllegalStateException("page " + pageId + " does not stay latch-free long enough to be checked");
        } finally {
            pool.unpinFrame(frame);
        }
    }
}
