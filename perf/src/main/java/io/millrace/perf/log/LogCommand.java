package io.millrace.perf.log;

import io.millrace.btree.OfflineNames;
import io.millrace.error.CorruptLogException;
import io.millrace.error.IncompatibleFormatException;
import io.millrace.error.MillraceException;
import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import io.millrace.recovery.ControlFile;
import io.millrace.recovery.ControlRecord;
import io.millrace.storage.LocalDirectory;
import io.millrace.storage.StorageDirectory;
import io.millrace.wal.LogProofs;
import io.millrace.wal.LogRecovery;
import io.millrace.wal.RecoveredLog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code millrace log DIRECTORY}: prints the records of a log, and where and why it ends. Reads only, takes no lock, so that the store may be
 * open: then the log may grow, and be let go of at its beginning, while it is read; what looks like damage is looked at again before it is told.
 * Begins where a restart would, or at {@code --from}. Exit status 1 if the log is damaged.
 */
public final class LogCommand {
    private static final int LOOKS = 5;
    private static final long PAUSE_MILLIS = 100;

    private final Path directory;
    private final RecordPrinter printer;
    private final PrintStream out;
    private final boolean follows;
    private long nextLsn;

    private LogCommand(Path directory, RecordPrinter printer, PrintStream out, boolean follows, long fromLsn) {
        this.directory = directory;
        this.printer = printer;
        this.out = out;
        this.follows = follows;
        nextLsn = fromLsn;
    }

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        Arguments parsed = Arguments.parse(arguments, Set.of("from", "tree", "tx"), Set.of("json", "follow", "stats"));
        if (parsed.words().size() != 1) {
            throw new UsageException("log needs the directory of one store");
        }
        Path directory = Path.of(parsed.words().get(0));
        if (!Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + directory);
        }
        RecordPrinter printer = new RecordPrinter(
                out,
                parsed.text("tree", null),
                transaction(parsed.text("tx", null)),
                parsed.has("json"),
                parsed.has("stats"));
        LogCommand command = new LogCommand(directory, printer, out, parsed.has("follow"), parsed.number("from", 0, 0));
        try {
            return command.read();
        } catch (CorruptLogException damage) {
            out.println("damaged: " + damage.getMessage());
            return 1;
        } catch (MillraceException | IOException failure) {
            out.println("log: " + failure.getMessage());
            return 1;
        }
    }

    /** As it is printed, or as a number. */
    private static long transaction(String text) {
        if (text == null) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text, 16);
        } catch (NumberFormatException e) {
            throw new UsageException("--tx needs the id of a transaction, 16 hexadecimal digits, not \"" + text + "\"");
        }
    }

    private int read() throws IOException {
        try (StorageDirectory files = LocalDirectory.open(directory)) {
            if (!files.exists(ControlFile.NAME)) {
                throw new IncompatibleFormatException(
                        directory.toString(), "no " + ControlFile.NAME, "the directory of a store");
            }
            ControlRecord control = ControlFile.peek(files);
            printer.names(names(files, control));
            String end = readToEnd(files);
            while (follows && pause()) {
                end = readToEnd(files);
            }
            printer.finish();
            out.println("the log ends at LSN " + (nextLsn - 1) + ", " + end);
        }
        return 0;
    }

    private static Map<Long, String> names(StorageDirectory files, ControlRecord control) {
        try {
            return OfflineNames.read(files, control.pageSize());
        } catch (IOException | RuntimeException damaged) {
            // Then trees go by their numbers.
            return new HashMap<>();
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A store that is open may write, or let go of, what is just being read: only what stays damaged is. */
    private String readToEnd(StorageDirectory files) throws IOException {
        for (int look = 1; ; look++) {
            try {
                return readOnce(files);
            } catch (IOException | CorruptLogException failure) {
                if (look == LOOKS || !pause()) {
                    throw failure;
                }
            }
        }
    }

    private String readOnce(StorageDirectory files) throws IOException {
        ControlRecord control = ControlFile.peek(files);
        long from = nextLsn == 0 ? control.scanStartLsn() : nextLsn - 1;
        try (RecoveredLog log = LogRecovery.findEnd(
                files,
                control.storeId(),
                from,
                new LogProofs(control.durableLsn(), "the control file"),
                this::record)) {
            nextLsn = log.endLsn() + 1;
            return log.describeEnd();
        }
    }

    private void record(long lsn, long address, int length) {
        if (lsn >= nextLsn) {
            nextLsn = lsn + 1;
            printer.record(lsn, address, length);
        }
    }
}
