package io.millrace.perf.demo;

/**
 * What is fixed when a bank is founded.
 *
 * @param accounts number of accounts, at least 2
 * @param initialBalance money on each of them at the beginning
 * @param seed decides the content of the transfers
 */
record BankTerms(int accounts, long initialBalance, long seed) {
    static final long INITIAL_BALANCE = 1_000;

    long total() {
        return accounts * initialBalance;
    }
}
