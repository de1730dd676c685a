package io.millrace.perf.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Compares a bank with what was acknowledged and with itself. It is shown all accounts, then all journal entries, then all counters, of one
 * snapshot, and recomputes every account from the initial balance and the journal: a transfer of which only a part is there shows as an
 * account that disagrees. Transfers that nobody acknowledged are welcome as long as they are complete. Not thread-safe.
 */
final class BankAudit {
    private static final int MAX_PROBLEMS = 20;

    private final BankTerms terms;
    private final Acknowledged acknowledged;
    private final long[] balance;
    private final long[] transfers;
    private final long[] expectedBalance;
    private final long[] expectedTransfers;
    private final BitSet seenAccounts = new BitSet();
    private final long[] counters = new long[Bank.COUNTERS];
    private final List<String> problems = new ArrayList<>();

    private long journalled;
    private long acknowledgedFound;
    private long lastRound;
    private long lost;
    private long torn;
    private long total;

    BankAudit(BankTerms terms, Acknowledged acknowledged) {
        this.terms = terms;
        this.acknowledged = acknowledged;
        this.balance = new long[terms.accounts()];
        this.transfers = new long[terms.accounts()];
        this.expectedBalance = new long[terms.accounts()];
        this.expectedTransfers = new long[terms.accounts()];
        Arrays.fill(expectedBalance, terms.initialBalance());
    }

    void account(int number, Account account) {
        total += account.balance();
        if (number < 0 || number >= terms.accounts()) {
            torn("account " + number + " was never opened");
            return;
        }
        if (seenAccounts.get(number)) {
            torn("account " + number + " is there twice");
        }
        seenAccounts.set(number);
        balance[number] = account.balance();
        transfers[number] = account.transfers();
    }

    void entry(long id, JournalEntry entry) {
        journalled++;
        lastRound = Math.max(lastRound, Transfer.round(id));
        boolean wasAcknowledged = acknowledged.hasTransfer(id);
        if (wasAcknowledged) {
            acknowledgedFound++;
        }
        Transfer transfer = Transfer.of(terms.seed(), id, terms.accounts());
        if (!entry.tells(transfer)) {
            String text = "journal entry " + id + " says " + entry + ", but it was " + transfer;
            if (wasAcknowledged) {
                lost(1, text);
            } else {
                torn(text);
            }
        }
        move(entry.from(), -entry.amount());
        move(entry.to(), entry.amount());
    }

    private void move(int number, long amount) {
        if (number >= 0 && number < terms.accounts()) {
            expectedBalance[number] += amount;
            expectedTransfers[number]++;
        }
    }

    void counter(int number, long value) {
        if (number >= 0 && number < Bank.COUNTERS) {
            counters[number] = value;
        }
    }

    /** Ends the audit. */
    Verdict finish() {
        long missing = acknowledged.transferCount() - acknowledgedFound;
        if (missing != 0) {
            lost(missing, missing + " acknowledged transfers have no journal entry");
        }
        for (int number = 0; number < terms.accounts(); number++) {
            finishAccount(number);
        }
        for (int number = 0; number < Bank.COUNTERS; number++) {
            long least = acknowledged.highestCount(number);
            if (counters[number] < least) {
                lost(
                        least - counters[number],
                        "counter " + number + " stands at " + counters[number] + ", acknowledged was " + least);
            }
        }
        if (total != terms.total()) {
            problem("the accounts hold " + total + " together, not " + terms.total());
        }
        return new Verdict(
                acknowledged.transferCount(), journalled, lost, torn, total, terms.total(), lastRound, problems);
    }

    private void finishAccount(int number) {
        if (!seenAccounts.get(number)) {
            torn("account " + number + " is gone");
        } else if (balance[number] != expectedBalance[number] || transfers[number] != expectedTransfers[number]) {
            torn("account " + number + " holds " + balance[number] + " after " + transfers[number]
                    + " transfers; by the journal " + expectedBalance[number] + " after " + expectedTransfers[number]);
        }
    }

    private void lost(long count, String text) {
        lost += count;
        problem("lost: " + text);
    }

    private void torn(String text) {
        torn++;
        problem("torn: " + text);
    }

    private void problem(String text) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(text);
        }
    }
}
