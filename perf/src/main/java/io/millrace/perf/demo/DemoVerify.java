package io.millrace.perf.demo;

import io.millrace.Store;
import io.millrace.perf.Arguments;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The child JVM after a kill: opens the store, which recovers it, and audits the bank. With {@code --halt} it ends without closing the store,
 * as if killed, so that the next one has to recover what was recovered.
 */
final class DemoVerify {
    private DemoVerify() {}

    static int run(Arguments arguments) {
        ChildOutput out = new ChildOutput();
        try {
            DemoOptions options = DemoOptions.of(arguments);
            String file = arguments.text("acknowledged", null);
            Acknowledged acknowledged = file == null ? new Acknowledged() : Acknowledged.readFrom(Path.of(file));
            long begin = System.nanoTime();
            Store store = Store.open(options.storeOptions()).block();
            long recoveryMillis = (System.nanoTime() - begin) / 1_000_000;
            long durableLsn = store.durableLsn();
            Verdict verdict = audit(new Bank(store), acknowledged);
            verdict.problems().forEach(problem -> out.send(new Message.Problem(problem)));
            out.send(new Message.Audited(recoveryMillis, durableLsn, verdict));
            if (arguments.has("halt")) {
                Runtime.getRuntime().halt(0);
            }
            store.close().block();
            return verdict.isGood() ? 0 : 1;
        } catch (IOException | RuntimeException e) {
            out.fail(e);
            return 2;
        }
    }

    private static Verdict audit(Bank bank, Acknowledged acknowledged) {
        BankTerms none = new BankTerms(0, 0, 0);
        BankTerms terms = bank.terms().defaultIfEmpty(none).block();
        BankAudit audit = new BankAudit(terms, acknowledged);
        if (!terms.equals(none)) {
            bank.show(audit).block();
        }
        return audit.finish();
    }
}
