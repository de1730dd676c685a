package io.millrace.btree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.testkit.Keys;
import io.millrace.txn.ReadView;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/** Reading and overwriting resident entries allocates nothing on the heap. */
class AllocationTest {
    private static final int KEYS = 1000;
    private static final int ROUNDS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void getAndPutAllocateNothing() throws Exception {
        try (TestStore store = new TestStore(16384, 256)) {
            TreeRef tree = store.tree("m");
            byte[][] keys = new byte[KEYS][];
            for (int i = 0; i < KEYS; i++) {
                keys[i] = Keys.sequential(i);
                store.put(tree, keys[i], new byte[100]);
            }
            Workspace workspace = store.context.workspaces().take();
            ReadView newest = store.newest();
            byte[] value = new byte[100];
            double get = bytesPerCall(i -> {
                workspace.key(keys[i % KEYS], 0, keys[i % KEYS].length);
                assertEquals(Step.DONE, store.trees.get(workspace, tree, newest));
            });
            double put = bytesPerCall(i -> {
                Step step = Step.CONTENDED;
                while (step != Step.DONE) {
                    workspace.key(keys[i % KEYS], 0, keys[i % KEYS].length);
                    workspace.value(value, 0, value.length);
                    step = store.trees.write(workspace, tree, WriteMode.PUT, null, null);
                }
            });
            store.context.workspaces().release(workspace);
            assertTrue(get < 1, "get allocates " + get + " bytes");
            assertTrue(put < 1, "put allocates " + put + " bytes");
        }
    }

    private static double bytesPerCall(IntConsumer call) {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < ROUNDS; i++) {
                call.accept(i);
            }
            long after = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
            least = Math.min(least, (double) (after - before) / ROUNDS);
        }
        return least;
    }
}
