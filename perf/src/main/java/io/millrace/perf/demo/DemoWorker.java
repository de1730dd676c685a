package io.millrace.perf.demo;

import io.millrace.Store;
import io.millrace.StoreStats;
import io.millrace.error.MillraceException;
import io.millrace.perf.Arguments;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The child JVM that is going to be killed: opens the store and transfers money until then, as fast as it goes. */
final class DemoWorker {
    private static final int TRANSFERS_PER_COUNT = 8;

    private final DemoOptions options;
    private final long round;
    private final ChildOutput out = new ChildOutput();
    private final LongAdder givenUp = new LongAdder();

    private DemoWorker(DemoOptions options, long round) {
        this.options = options;
        this.round = round;
    }

    /** Comes back only if something went wrong. */
    static int run(Arguments arguments) {
        DemoWorker worker = new DemoWorker(DemoOptions.of(arguments), arguments.number("round", 1, 1));
        try {
            worker.work();
            throw new IllegalStateException("the transfers have ended");
        } catch (IOException e) {
            return 1; // nobody reads any more
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (RuntimeException e) {
            worker.out.fail(e);
            return 1;
        }
    }

    private void work() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Store store = Store.open(options.storeOptions()).block();
        long openMillis = (System.nanoTime() - begin) / 1_000_000;
        Bank bank = new Bank(store);
        BankTerms wanted = new BankTerms(options.accounts(), BankTerms.INITIAL_BALANCE, options.seed());
        BankTerms terms = bank.terms().switchIfEmpty(bank.found(wanted)).block();
        out.send(new Message.Ready(openMillis));

        MessageWriter writer = new MessageWriter(out.stream(), () -> figures(store.stats()));
        Flux.merge(transfers(store, bank, terms), counts(bank)).subscribe(writer);
        Throwable failure = writer.run();
        if (failure != null) {
            throw failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
        }
    }

    private Flux<Message> transfers(Store store, Bank bank, BankTerms terms) {
        return numbers()
                .map(number -> Transfer.of(terms.seed(), Transfer.id(round, number), terms.accounts()))
                .flatMap(
                        transfer -> bank.transfer(transfer)
                                .<Message>map(id -> new Message.TransferDone(id, store.durableLsn()))
                                .onErrorResume(DemoWorker::isTransient, cause -> giveUp()),
                        options.inFlight());
    }

    private Flux<Message> counts(Bank bank) {
        return numbers()
                .map(number -> (int) (number % Bank.COUNTERS))
                .flatMap(
                        counter -> bank.count(counter)
                                .<Message>map(value -> new Message.Counted(counter, value))
                                .onErrorResume(DemoWorker::isTransient, cause -> giveUp()),
                        Math.max(1, options.inFlight() / TRANSFERS_PER_COUNT));
    }

    private static Flux<Long> numbers() {
        return Flux.generate(() -> 0L, (next, sink) -> {
            sink.next(next);
            return next + 1;
        });
    }

    private static boolean isTransient(Throwable cause) {
        return cause instanceof MillraceException known && known.isTransient();
    }

    private Mono<Message> giveUp() {
        givenUp.increment();
        return Mono.empty();
    }

    private Message figures(StoreStats stats) {
        return new Message.Figures(
                stats.commits(), stats.durableLsn(), stats.forces(), stats.logRecords(), givenUp.sum());
    }
}
