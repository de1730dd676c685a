package io.millrace.perf.recovery;

import io.millrace.perf.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code millrace bench recovery}, and the commands of its child JVMs. */
public final class RecoveryCommand {
    /** The benchmark. */
    public static final String NAME = "recovery";
    /** Its child that fills a store until it is killed. */
    public static final String WRITE = "recovery-write";
    /** Its child that opens the store again. */
    public static final String OPEN = "recovery-open";

    private RecoveryCommand() {}

    /** Measures; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        RecoveryOptions options = RecoveryOptions.parse(arguments);
        if (options.directory() != null) {
            Files.createDirectories(options.directory());
        }
        Path place = options.directory() == null
                ? Files.createTempDirectory("millrace-recovery-")
                : Files.createTempDirectory(options.directory(), "recovery-");
        try {
            RecoveryBench bench = new RecoveryBench(options, place, out);
            return options.killUnderLoad() ? bench.killUnderLoad() : bench.logLengths();
        } finally {
            Directories.delete(place);
        }
    }

    /** The child that writes. */
    public static int write(List<String> arguments, PrintStream out) throws IOException {
        return new StoreFilling(RecoveryOptions.parse(arguments), out).run();
    }

    /** The child that opens. */
    public static int open(List<String> arguments, PrintStream out) throws IOException {
        return StoreReopening.run(RecoveryOptions.parse(arguments), out);
    }
}
