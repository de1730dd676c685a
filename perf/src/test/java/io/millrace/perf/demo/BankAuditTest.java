package io.millrace.perf.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A bank in a map, with faults planted into it. */
class BankAuditTest {
    private static final BankTerms TERMS = new BankTerms(10, 1_000, 42);
    private static final int TRANSFERS = 100;

    private final Map<Integer, Account> accounts = new TreeMap<>();
    private final Map<Long, JournalEntry> journal = new TreeMap<>();
    private final Map<Integer, Long> counters = new TreeMap<>();
    private final Acknowledged acknowledged = new Acknowledged();

    @BeforeEach
    void fill() {
        for (int number = 0; number < TERMS.accounts(); number++) {
            accounts.put(number, new Account(TERMS.initialBalance(), 0));
        }
        for (int number = 0; number < TRANSFERS; number++) {
            Transfer transfer = transfer(number);
            Account from = accounts.get(transfer.from()).add(-transfer.amount());
            Account to = accounts.get(transfer.to()).add(transfer.amount());
            accounts.put(transfer.from(), from);
            accounts.put(transfer.to(), to);
            journal.put(
                    transfer.id(),
                    new JournalEntry(transfer.from(), transfer.to(), transfer.amount(), from.balance(), to.balance()));
            acknowledged.transfer(transfer.id(), number);
        }
        counters.put(0, 7L);
        acknowledged.count(0, 7);
    }

    private static Transfer transfer(int number) {
        return Transfer.of(TERMS.seed(), Transfer.id(2, number), TERMS.accounts());
    }

    private Verdict audit() {
        BankAudit audit = new BankAudit(TERMS, acknowledged);
        accounts.forEach(audit::account);
        journal.forEach(audit::entry);
        counters.forEach(audit::counter);
        return audit.finish();
    }

    @Test
    void aSoundBankIsGood() {
        Verdict verdict = audit();
        assertTrue(verdict.isGood(), () -> verdict.problems().toString());
        assertEquals(TRANSFERS, verdict.acknowledged());
        assertEquals(TRANSFERS, verdict.journalled());
        assertEquals(2, verdict.lastRound());
        assertEquals(10_000, verdict.total());
    }

    @Test
    void aCompleteTransferThatNobodyAcknowledgedIsGood() {
        Transfer more = transfer(TRANSFERS);
        accounts.compute(more.from(), (number, account) -> account.add(-more.amount()));
        accounts.compute(more.to(), (number, account) -> account.add(more.amount()));
        journal.put(more.id(), new JournalEntry(more.from(), more.to(), more.amount(), 0, 0));
        counters.put(1, 3L);
        assertTrue(audit().isGood());
    }

    @Test
    void aLostTransferIsFound() {
        Transfer lost = transfer(50);
        journal.remove(lost.id());
        accounts.compute(
                lost.from(),
                (number, account) -> new Account(account.balance() + lost.amount(), account.transfers() - 1));
        accounts.compute(
                lost.to(),
                (number, account) -> new Account(account.balance() - lost.amount(), account.transfers() - 1));
        Verdict verdict = audit();
        assertEquals(1, verdict.lost());
        assertEquals(0, verdict.torn());
        assertFalse(verdict.isGood());
    }

    @Test
    void aTransferWithoutItsJournalEntryIsLostAndTorn() {
        journal.remove(transfer(50).id());
        Verdict verdict = audit();
        assertEquals(1, verdict.lost());
        assertEquals(2, verdict.torn());
    }

    @Test
    void aTransferHalfAppliedIsTorn() {
        Transfer more = transfer(TRANSFERS);
        accounts.compute(more.from(), (number, account) -> account.add(-more.amount()));
        journal.put(more.id(), new JournalEntry(more.from(), more.to(), more.amount(), 0, 0));
        Verdict verdict = audit();
        assertEquals(0, verdict.lost());
        assertEquals(1, verdict.torn());
        assertEquals(10_000 - more.amount(), verdict.total());
        assertFalse(verdict.isGood());
    }

    @Test
    void moneyThatMovedWithoutATransferIsTornThoughTheTotalIsRight() {
        accounts.compute(3, (number, account) -> new Account(account.balance() + 1, account.transfers()));
        accounts.compute(4, (number, account) -> new Account(account.balance() - 1, account.transfers()));
        Verdict verdict = audit();
        assertEquals(2, verdict.torn());
        assertEquals(verdict.expectedTotal(), verdict.total());
    }

    @Test
    void anEntryWithAnotherContentIsLost() {
        JournalEntry entry = journal.get(transfer(5).id());
        journal.put(
                transfer(5).id(),
                new JournalEntry(entry.from(), entry.to(), entry.amount() + 1, entry.fromBalance(), entry.toBalance()));
        assertEquals(1, audit().lost());
    }

    @Test
    void anAccountThatIsGoneIsTorn() {
        accounts.remove(6);
        Verdict verdict = audit();
        assertEquals(1, verdict.torn());
        assertTrue(verdict.problems().contains("torn: account 6 is gone"));
    }

    @Test
    void aCounterThatWentBackIsLost() {
        counters.put(0, 5L);
        assertEquals(2, audit().lost());
    }

    @Test
    void transfersAreDecidedByTheirIdAndHaveTwoAccounts() {
        for (int number = 0; number < 1_000; number++) {
            Transfer transfer = Transfer.of(1, number, 2);
            assertEquals(transfer, Transfer.of(1, number, 2));
            assertEquals(1, transfer.from() + transfer.to());
            assertTrue(transfer.amount() >= 1 && transfer.amount() <= 100);
        }
    }
}
