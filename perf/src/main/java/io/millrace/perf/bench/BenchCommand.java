package io.millrace.perf.bench;

import io.millrace.perf.UsageException;
import io.millrace.perf.compare.AgainstCommand;
import io.millrace.perf.compare.CompareCommand;
import io.millrace.perf.compare.ContenderJvm;
import io.millrace.perf.jmh.Suites;
import io.millrace.perf.mix.MixCommand;
import io.millrace.perf.recovery.RecoveryCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace bench}: the benchmarks with a driver of their own by their names, everything else is a JMH suite. */
public final class BenchCommand {
    private static final String COMMIT = "commit";
    private static final String COMPARE = "compare";
    private static final String MIX = "mix";

    private BenchCommand() {}

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        if (arguments.isEmpty()) {
            throw new UsageException("bench needs a name; bench --list shows them");
        }
        List<String> rest = arguments.subList(1, arguments.size());
        try {
            if (arguments.get(0).startsWith("--against")) {
                return AgainstCommand.run(arguments, out);
            }
            return switch (arguments.get(0)) {
                case COMMIT -> CommitBench.run(CommitBenchOptions.parse(rest), out);
                case COMPARE -> CompareCommand.run(rest, out);
                case MIX -> MixCommand.run(rest, out);
                case RecoveryCommand.NAME -> RecoveryCommand.run(rest, out);
                case RecoveryCommand.WRITE -> RecoveryCommand.write(rest, out);
                case RecoveryCommand.OPEN -> RecoveryCommand.open(rest, out);
                case "contender" -> ContenderJvm.run(rest, out);
                case "--list", "-l" -> list(out);
                default -> Suites.run(arguments.get(0), rest, out);
            };
        } catch (IOException e) {
            System.err.println("bench: " + e);
            return 1;
        }
    }

    private static int list(PrintStream out) {
        out.println(COMMIT);
        out.println(COMPARE);
        out.println(MIX);
        out.println(RecoveryCommand.NAME);
        Suites.names().forEach(out::println);
        return 0;
    }
}
