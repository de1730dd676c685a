package io.millrace.perf.demo;

import io.millrace.perf.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The parent: in each round it lets a worker transfer money, kills it at a random moment, and has another JVM open the store and audit it
 * against everything acknowledged so far. It stops at the first round that is not as it must be, and leaves the store for inspection.
 */
final class Demo {
    private static final long VERIFY_SECONDS = 900;
    private static final double EARLIEST_KILL = 0.1;
    private static final double EARLIEST_KILL_BEFORE_RECOVERY_KILL = 0.5;

    private final DemoOptions options;
    private final PrintStream out;
    private final Progress progress;
    private final Acknowledged acknowledged = new Acknowledged();
    private final SplittableRandom random;
    private final RecoveryKills recoveryKills;

    private int rounds;
    private long lost;
    private long torn;
    private long slowestRecoveryMillis;
    private boolean good = true;

    private Demo(DemoOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
        this.progress = new Progress(out, Progress.isTerminal());
        this.random = new SplittableRandom(options.seed());
        this.recoveryKills = new RecoveryKills(random);
    }

    /** Runs all rounds; answers the exit status. */
    static int run(DemoOptions options, PrintStream out) throws IOException, InterruptedException {
        Path temporary = Files.createTempDirectory("millrace-demo-");
        Path store = options.directory() == null ? temporary.resolve("store") : options.directory();
        Demo demo = new Demo(options.in(store), out);
        int status = demo.run(temporary.resolve("acknowledged"));
        if (status == 0 || options.directory() != null) {
            Directories.delete(temporary);
        } else {
            out.println("demo: the store is left in " + store);
        }
        return status;
    }

    private int run(Path acknowledgedFile) throws IOException, InterruptedException {
        out.println("demo: " + options.rounds() + " rounds of up to " + options.seconds() + " s, store in "
                + options.directory() + ", seed " + options.seed());
        try {
            long first = firstRound();
            for (long number = first; number < first + options.rounds() && good; number++) {
                round(number, number - first + 1, acknowledgedFile);
            }
        } catch (DemoFailedException e) {
            out.println("demo: failed: " + e.getMessage());
            good = false;
        }
        out.println("demo: rounds=" + rounds + " acknowledged=" + acknowledged.total() + " lost=" + lost + " torn="
                + torn + (options.killRecovery() ? " kills_in_recovery=" + recoveryKills.landed() : "")
                + " recovery_ms_max=" + slowestRecoveryMillis);
        return good ? 0 : 1;
    }

    /** The number of the first round: behind those of an earlier demo in the same store. */
    private long firstRound() throws IOException, InterruptedException, DemoFailedException {
        if (!Files.isDirectory(options.directory()) || isEmpty(options.directory())) {
            return 1;
        }
        Message.Audited audited = verify(List.of());
        out.println("demo: the store has a bank with " + audited.verdict().journalled() + " transfers");
        return audited.verdict().lastRound() + 1;
    }

    private void round(long number, long shown, Path acknowledgedFile)
            throws IOException, InterruptedException, DemoFailedException {
        progress.begin("round " + shown + "/" + options.rounds());
        boolean killRecovery = options.killRecovery() && shown % 2 == 1;
        double earliest = killRecovery ? EARLIEST_KILL_BEFORE_RECOVERY_KILL : EARLIEST_KILL;
        double part = earliest + (1 - earliest) * random.nextDouble();
        long killAfterNanos = (long) (options.seconds() * 1e9 * part);
        boolean halt = random.nextBoolean();
        Round round = new Round(acknowledged, progress);
        round.run(killRecovery ? options.withoutCheckpoints() : options, number, killAfterNanos);
        acknowledged.writeTo(acknowledgedFile);
        int killed = killRecovery ? recoveryKills.run(options.withoutCheckpoints()) : 0;
        List<String> arguments = new ArrayList<>(List.of("--acknowledged", acknowledgedFile.toString()));
        if (halt) {
            arguments.add("--halt");
        }
        Message.Audited audited = verify(arguments);
        rounds++;
        progress.end("killed after " + killAfterNanos / 1_000_000 + " ms, " + round.acknowledgedTransfers()
                + " transfers acknowledged, " + (killRecovery ? "recovery killed " + killed + " times, " : "")
                + "recovered in " + audited.recoveryMillis() + " ms, "
                + audited.verdict().journalled()
                + " in the journal, lost " + lost + ", torn " + torn);
    }

    /** Has another JVM open and audit the store, and adds up what it says. */
    private Message.Audited verify(List<String> more) throws IOException, InterruptedException, DemoFailedException {
        List<String> arguments = options.forChild(DemoCommand.VERIFIER);
        arguments.addAll(more);
        Message.Audited audited = audit(arguments, out);
        Verdict verdict = audited.verdict();
        lost = verdict.lost() + acknowledged.repeated();
        torn = verdict.torn();
        slowestRecoveryMillis = Math.max(slowestRecoveryMillis, audited.recoveryMillis());
        good = verdict.isGood() && acknowledged.repeated() == 0;
        if (audited.durableLsn() < acknowledged.lsn()) {
            good = false;
            out.println("demo: the durable LSN went back from " + acknowledged.lsn() + " to " + audited.durableLsn());
        }
        return audited;
    }

    /**
     * Runs a verifying JVM and prints the problems it finds.
     *
     * @throws DemoFailedException if it comes to no result
     */
    static Message.Audited audit(List<String> arguments, PrintStream out)
            throws IOException, InterruptedException, DemoFailedException {
        List<Message> messages = new ArrayList<>();
        DemoChild verifier = DemoChild.start(arguments, messages::add);
        verifier.awaitEnd(VERIFY_SECONDS);
        Message.Audited audited = null;
        for (Message message : messages) {
            if (message instanceof Message.Problem problem) {
                out.println("demo: " + problem.text());
            } else if (message instanceof Message.Audited result) {
                audited = result;
            }
        }
        if (verifier.failure() != null) {
            throw new DemoFailedException("the store can't be verified: " + verifier.failure());
        }
        if (audited == null) {
            throw new DemoFailedException("the store can't be verified: exit status " + verifier.status());
        }
        return audited;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }
}
