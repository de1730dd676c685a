package io.millrace.txn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TransactionTableTest {
    private static final int CAPACITY = 8;
    private static final long FIRST = Stamps.transaction(1, 3);
    private static final long SECOND = Stamps.transaction(1, 3 + CAPACITY);
    private static final long THIRD = Stamps.transaction(1, 3 + 2 * CAPACITY);

    private final TransactionTable table = new TransactionTable(CAPACITY);

    @Test
    void oneOfTwoNewcomersGetsTheSlot() {
        assertTrue(table.enter(FIRST, 0, 0));
        table.abort(FIRST);
        long seenByBoth = table.holder(SECOND);

        assertTrue(table.enter(SECOND, 1, seenByBoth));
        assertFalse(table.enter(THIRD, 2, seenByBoth));

        assertEquals(TransactionTable.ACTIVE, table.resolve(SECOND));
        assertEquals(TransactionTable.FORGOTTEN, table.resolve(FIRST));
        assertEquals(1, table.activeIndex(SECOND));
    }

    @Test
    void anAbortingTransactionIsUndoneForReadersAndStillThereForNewcomers() {
        table.enter(FIRST, 0, 0);
        table.aborting(FIRST);

        assertEquals(TransactionTable.ABORTED, table.resolve(FIRST));
        assertEquals(TransactionTable.ACTIVE, table.holderState(SECOND, table.holder(SECOND)));

        table.abort(FIRST);
        assertEquals(TransactionTable.ABORTED, table.holderState(SECOND, table.holder(SECOND)));
    }

    @Test
    void aCommittedTransactionAnswersItsCommitLsnUntilAnotherTakesItsSlot() {
        table.enter(FIRST, 0, 0);
        table.commit(FIRST, 42);
        assertEquals(42, table.resolve(FIRST));
        assertEquals(42, table.holderState(SECOND, table.holder(SECOND)));

        assertTrue(table.enter(SECOND, 0, table.holder(SECOND)));
        assertEquals(TransactionTable.FORGOTTEN, table.resolve(FIRST));
    }
}
