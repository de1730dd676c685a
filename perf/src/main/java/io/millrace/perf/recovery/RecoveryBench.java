package io.millrace.perf.recovery;

import io.millrace.perf.ChildJvm;
import io.millrace.perf.Directories;
import io.millrace.perf.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has stores filled and killed in child JVMs, and opened again in others. */
final class RecoveryBench {
    /** System property of the child that opens: the newest file of the log before the one that is to be read. */
    static final String BEFORE = "millrace.bench.log-before";

    private static final List<String> MEMORY = List.of("-Xmx512m", "-XX:MaxDirectMemorySize=2g");
    private static final String RESULT = "recovery: ";
    private static final Pattern TOTAL = Pattern.compile(" total_ms=(\\d+) ");
    private static final long BAR_MILLIS = 4000;

    private final RecoveryOptions options;
    private final Path place;
    private final PrintStream out;

    RecoveryBench(RecoveryOptions options, Path place, PrintStream out) {
        this.options = options;
        this.place = place;
        this.out = out;
    }

    /** A line for each length of the log; answers the exit status. */
    int logLengths() throws IOException {
        for (long log : options.logBytes()) {
            Path store = place.resolve("store-" + log);
            String written = fillAndKill(store, log, 0);
            KilledStore.forgetWriteBack(store);
            KilledStore.copy(store);
            String[] parts = written.split(" ", -1);
            open(store, Long.parseLong(parts[1]), List.of("-D" + BEFORE + "=" + parts[0]));
            Directories.delete(store);
            Directories.delete(KilledStore.secondOf(store));
        }
        return 0;
    }

    /** Kills under full load, again and again; answers 1 if an opening took longer than it may. */
    int killUnderLoad() throws IOException {
        SplittableRandom random = new SplittableRandom();
        long longest = 0;
        for (int round = 0; round < options.rounds(); round++) {
            long life = random.nextLong(
                    TimeUnit.SECONDS.toNanos(options.seconds()) / 2, TimeUnit.SECONDS.toNanos(options.seconds()));
            Path store = place.resolve("store");
            fillAndKill(store, options.logBytes().get(0), life);
            Matcher total = TOTAL.matcher(open(store, 1, List.of()));
            longest = Math.max(longest, total.find() ? Long.parseLong(total.group(1)) : 0);
        }
        out.println("recovery: kills=" + options.rounds() + " longest_ms=" + longest + " bar_ms=" + BAR_MILLIS);
        return longest < BAR_MILLIS ? 0 : 1;
    }

    /** Answers what the child said of the log. */
    private String fillAndKill(Path store, long log, long lifeNanos) throws IOException {
        Process child = start(List.of(), options.forChild(RecoveryCommand.WRITE, store, log));
        try (BufferedReader lines = lines(child)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(StoreFilling.WRITTEN)) {
                    long end = System.nanoTime() + lifeNanos;
                    for (long left = lifeNanos; left > 0; left = end - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    return line.substring(StoreFilling.WRITTEN.length());
                }
                out.println(line);
            }
        } finally {
            kill(child);
        }
        throw new IOException("the JVM that writes the log has ended by itself");
    }

    /** Answers the child's result. */
    private String open(Path store, long log, List<String> flags) throws IOException {
        Process child = start(flags, options.forChild(RecoveryCommand.OPEN, store, log));
        String result = null;
        try (BufferedReader lines = lines(child)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.println(line);
                result = line.startsWith(RESULT) ? line : result;
            }
        } finally {
            kill(child);
        }
        if (result == null) {
            throw new IOException("the store does not open again");
        }
        return result;
    }

    private static Process start(List<String> flags, List<String> arguments) throws IOException {
        List<String> all = new ArrayList<>(MEMORY);
        all.addAll(flags);
        Process child = new ProcessBuilder(ChildJvm.command(Main.class, all, List.of(), arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread hook = new Thread(() -> child.toHandle().destroyForcibly(), "recovery-cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        return child;
    }

    private static BufferedReader lines(Process child) {
        return new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    }

    /** SIGKILL. */
    private static void kill(Process child) throws IOException {
        child.toHandle().destroyForcibly();
        try {
            child.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
