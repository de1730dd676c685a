package io.millrace.perf.bench;

import io.millrace.perf.JvmFlags;
import io.millrace.perf.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** {@code millrace bench}: the commit benchmark by its name, everything else through JMH. */
public final class BenchCommand {
    private static final String COMMIT = "commit";

    private BenchCommand() {}

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        if (arguments.isEmpty()) {
            throw new UsageException("bench needs a name; bench --list shows them");
        }
        try {
            return switch (arguments.get(0)) {
                case COMMIT -> CommitBench.run(CommitBenchOptions.parse(arguments.subList(1, arguments.size())), out);
                case "--list", "-l" -> list(out);
                default -> jmh(arguments);
            };
        } catch (IOException e) {
            System.err.println("bench: " + e);
            return 1;
        }
    }

    private static int list(PrintStream out) {
        out.println("commit");
        new Runner(new OptionsBuilder().build()).list();
        return 0;
    }

    private static int jmh(List<String> arguments) {
        try {
            Options given = new CommandLineOptions(arguments.toArray(String[]::new));
            // A jar's manifest does not reach the forks, which are started by class path.
            Options options = new OptionsBuilder()
                    .parent(given)
                    .jvmArgsAppend(JvmFlags.forRunningJdk().toArray(String[]::new))
                    .build();
            new Runner(options).run();
            return 0;
        } catch (CommandLineOptionException e) {
            throw new UsageException(e.getMessage());
        } catch (RunnerException e) {
            System.err.println("bench: " + e.getMessage());
            return 1;
        }
    }
}
