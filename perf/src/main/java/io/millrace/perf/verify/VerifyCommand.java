package io.millrace.perf.verify;

import io.millrace.Store;
import io.millrace.StoreOptions;
import io.millrace.btree.Finding;
import io.millrace.btree.Salvage;
import io.millrace.btree.SalvageReport;
import io.millrace.btree.StoreCheck;
import io.millrace.btree.StoreReport;
import io.millrace.btree.TreeReport;
import io.millrace.error.MillraceException;
import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code millrace verify DIRECTORY}: prints what is wrong with the store, each finding with file, page and the way from the root, and a summary.
 * Changes nothing, except that {@code --recover} opens and closes the store first. With {@code --repair TARGET} everything readable goes to a
 * new store there. Exit status 0 if nothing is wrong, else 1.
 */
public final class VerifyCommand {
    private static final int MAX_PRINTED = 1000;

    private final Path directory;
    private final PrintStream out;

    private VerifyCommand(Path directory, PrintStream out) {
        this.directory = directory;
        this.out = out;
    }

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        Arguments parsed = Arguments.parse(arguments, Set.of("repair"), Set.of("recover"));
        if (parsed.words().size() != 1) {
            throw new UsageException("verify needs the directory of one store");
        }
        Path directory = Path.of(parsed.words().get(0));
        if (!Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + directory);
        }
        String target = parsed.text("repair", null);
        VerifyCommand command = new VerifyCommand(directory, out);
        try {
            if (parsed.has("recover")) {
                Store.open(StoreOptions.at(directory)).block().close().block();
            }
            return target == null ? command.check() : command.repair(Path.of(target));
        } catch (MillraceException | IOException failure) {
            out.println("verify: " + failure.getMessage());
            return 1;
        }
    }

    private int check() throws IOException {
        long begin = System.nanoTime();
        StoreReport report;
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            report = StoreCheck.check(files);
        }
        print(report);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double mebibytes = (double) report.pages() * report.pageSize() / (1 << 20);
        out.printf(Locale.ROOT, "%.0f MiB in %.2f s, %.0f MiB/s%n", mebibytes, seconds, mebibytes / seconds);
        return report.sound() ? 0 : 1;
    }

    private int repair(Path target) throws IOException {
        if (Files.exists(target) && !isEmpty(target)) {
            throw new UsageException("--repair needs a new or empty directory, not " + target);
        }
        SalvageReport report;
        try (StorageDirectory files = LocalDirectory.open(directory);
                Salvage salvage = Salvage.open(files);
                NewStore store = NewStore.at(target, salvage.pageSize())) {
            report = store.takeFrom(salvage);
        }
        print(report.store());
        for (Map.Entry<String, Long> map : report.entries().entrySet()) {
            out.println("salvaged " + map.getValue() + " entries of map " + map.getKey());
        }
        if (report.uncertain() > 0) {
            out.println("of these, " + report.uncertain()
                    + " were written by transactions of the last run, which may not have been committed");
        }
        out.println("the new store is in " + target + ", the old one is unchanged");
        return report.store().sound() ? 0 : 1;
    }

    private static boolean isEmpty(Path target) throws IOException {
        try (var files = Files.list(target)) {
            return files.findAny().isEmpty();
        }
    }

    private void print(StoreReport report) {
        List<Finding> findings = report.findings();
        for (Finding finding : findings.subList(0, Math.min(MAX_PRINTED, findings.size()))) {
            out.println(report.dataFile() + ": " + finding);
        }
        if (findings.size() > MAX_PRINTED) {
            out.println("and " + (findings.size() - MAX_PRINTED) + " more");
        }
        for (Map.Entry<String, TreeReport> map : report.maps().entrySet()) {
            TreeReport tree = map.getValue();
            out.printf(
                    Locale.ROOT,
                    "map %s: %d entries, %d ghosts, %d pages, height %d, leaves %.0f %% full%n",
                    map.getKey(),
                    tree.entries(),
                    tree.ghosts(),
                    tree.pages(),
                    tree.height(),
                    tree.leafFill(report.pageSize()) * 100);
        }
        out.println(report.pages() + " pages of " + report.pageSize() + " bytes, " + report.freePages() + " free; "
                + (report.sound() ? "nothing is wrong" : findings.size() + " findings"));
        if (!report.cleanlyClosed()) {
            out.println("the store was not closed in order: --recover opens and closes it first, which may put findings"
                    + " right");
        }
    }
}
