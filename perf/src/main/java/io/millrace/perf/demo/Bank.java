package io.millrace.perf.demo;

import io.millrace.Codecs;
import io.millrace.Entry;
import io.millrace.MapOperations;
import io.millrace.OrderedMap;
import io.millrace.Range;
import io.millrace.Snapshot;
import io.millrace.Store;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Accounts, a journal of transfers and a few counters, in the maps of a store. Every transfer is one transaction over two accounts and the
 * journal; every count is one {@code compute} outside a transaction.
 */
final class Bank {
    static final int COUNTERS = 8;
    private static final int FOUNDING_BATCH = 500;

    private final Store store;
    private final OrderedMap<String, Long> terms;
    private final OrderedMap<Integer, Account> accounts;
    private final OrderedMap<Long, JournalEntry> journal;
    private final OrderedMap<Integer, Long> counters;

    Bank(Store store) {
        this.store = store;
        this.terms = store.map("bank", Codecs.utf8(), Codecs.int64());
        this.accounts = store.map("accounts", Codecs.int32(), Account.CODEC);
        this.journal = store.map("journal", Codecs.int64(), JournalEntry.CODEC);
        this.counters = store.map("counters", Codecs.int32(), Codecs.int64());
    }

    /** The terms of the bank in this store; empty if it has none, or one whose founding was interrupted. */
    Mono<BankTerms> terms() {
        return Mono.zip(terms.get("accounts"), terms.get("initial-balance"), terms.get("seed"))
                .map(found -> new BankTerms(Math.toIntExact(found.getT1()), found.getT2(), found.getT3()));
    }

    /** Opens the accounts, batch by batch, and writes the terms down last. Can be repeated. */
    Mono<BankTerms> found(BankTerms wanted) {
        Mono<Void> opened = Flux.range(0, wanted.accounts())
                .buffer(FOUNDING_BATCH)
                .concatMap(numbers -> store.write(transaction -> {
                    MapOperations<Integer, Account> inside = accounts.in(transaction);
                    Account fresh = new Account(wanted.initialBalance(), 0);
                    return Flux.fromIterable(numbers)
                            .concatMap(number -> inside.put(number, fresh))
                            .then();
                }))
                .then();
        Mono<BankTerms> written = store.write(transaction -> {
            MapOperations<String, Long> inside = terms.in(transaction);
            return inside.put("accounts", (long) wanted.accounts())
                    .then(inside.put("initial-balance", wanted.initialBalance()))
                    .then(inside.put("seed", wanted.seed()))
                    .thenReturn(wanted);
        });
        return opened.then(written);
    }

    /** One transfer as one transaction. Emits its id when it is durable. */
    Mono<Long> transfer(Transfer transfer) {
        return store.write(transaction -> {
            MapOperations<Integer, Account> inside = accounts.in(transaction);
            return Mono.zip(inside.get(transfer.from()), inside.get(transfer.to()))
                    .switchIfEmpty(
                            Mono.error(() -> new IllegalStateException("an account of " + transfer + " is gone")))
                    .flatMap(found -> {
                        Account from = found.getT1().add(-transfer.amount());
                        Account to = found.getT2().add(transfer.amount());
                        JournalEntry entry = new JournalEntry(
                                transfer.from(), transfer.to(), transfer.amount(), from.balance(), to.balance());
                        return inside.put(transfer.from(), from)
                                .then(inside.put(transfer.to(), to))
                                .then(journal.in(transaction).put(transfer.id(), entry))
                                .thenReturn(transfer.id());
                    });
        });
    }

    /** Counts one up. Emits the new value when it is durable. */
    Mono<Long> count(int counter) {
        return counters.compute(counter, (key, value) -> value == null ? 1 : value + 1);
    }

    /** The highest id in the journal; empty if it has no entry. */
    Mono<Long> lastTransfer() {
        return journal.scan(Range.<Long>all().reversed().limit(1)).next().map(Entry::key);
    }

    /** Runs everything of one snapshot past {@code audit}. */
    Mono<Void> show(BankAudit audit) {
        return store.read(snapshot -> show(audit, snapshot).thenMany(Flux.<Void>empty()))
                .then();
    }

    private Mono<Void> show(BankAudit audit, Snapshot snapshot) {
        return accounts.in(snapshot)
                .scan(Range.all())
                .doOnNext(entry -> audit.account(entry.key(), entry.value()))
                .thenMany(journal.in(snapshot).scan(Range.all()))
                .doOnNext(entry -> audit.entry(entry.key(), entry.value()))
                .thenMany(counters.in(snapshot).scan(Range.all()))
                .doOnNext(entry -> audit.counter(entry.key(), entry.value()))
                .then();
    }
}
