package io.millrace.perf.demo;

import io.millrace.perf.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace demo}: the demo itself, the check of a store it left behind, and the three kinds of child JVMs. */
public final class DemoCommand {
    static final String WORKER = "child-worker";
    static final String RECOVERER = "child-recoverer";
    static final String VERIFIER = "child-verifier";

    private DemoCommand() {}

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        String mode = arguments.isEmpty() ? "" : arguments.get(0);
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        try {
            return switch (mode) {
                case WORKER -> DemoWorker.run(DemoOptions.parse(rest));
                case RECOVERER -> DemoRecover.run(DemoOptions.of(DemoOptions.parse(rest)));
                case VERIFIER -> DemoVerify.run(DemoOptions.parse(rest));
                case "verify" -> verify(DemoOptions.of(DemoOptions.parse(rest)), out);
                default -> Demo.run(DemoOptions.of(DemoOptions.parse(arguments)), out);
            };
        } catch (IOException e) {
            System.err.println("demo: " + e);
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static int verify(DemoOptions options, PrintStream out) throws IOException, InterruptedException {
        if (options.directory() == null) {
            throw new UsageException("demo verify needs --directory");
        }
        try {
            Message.Audited audited = Demo.audit(options.forChild(VERIFIER), out);
            Verdict verdict = audited.verdict();
            out.println("demo: transfers=" + verdict.journalled() + " torn=" + verdict.torn() + " total="
                    + verdict.total() + " expected_total=" + verdict.expectedTotal() + " recovery_ms="
                    + audited.recoveryMillis());
            return verdict.isGood() ? 0 : 1;
        } catch (DemoFailedException e) {
            out.println("demo: failed: " + e.getMessage());
            return 1;
        }
    }
}
