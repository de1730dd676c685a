package io.millrace.perf.compare;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts what makes data durable in the output of {@code strace -f -y}, between the marks of {@link SyncSteps}. */
final class SyncTrace {
    /** The calls to trace: what forces, what writes to a file opened for synchronous writing, and that opening. */
    static final String CALLS = "fsync,fdatasync,msync,sync_file_range,openat,write,writev,pwrite64,pwritev,pwritev2";

    private static final Pattern CALL = Pattern.compile("^(?:\\d+ +)?([a-z_0-9]+)\\((.*)$");
    private static final Pattern DESCRIPTOR = Pattern.compile("^(\\d+<[^>]*>)");
    private static final Pattern OPENED = Pattern.compile("= (\\d+<[^>]*>)");

    private final Set<String> synchronous = new HashSet<>();
    private final List<Integer> counts = new ArrayList<>();
    private int current;
    private boolean begun;

    private SyncTrace() {}

    /** Forces between one mark and the next. */
    static List<Integer> count(Iterable<String> lines) {
        SyncTrace trace = new SyncTrace();
        lines.forEach(trace::line);
        return trace.counts;
    }

    private void line(String line) {
        Matcher call = CALL.matcher(line);
        if (!call.matches()) {
            // The end of a call that was counted when it began, or a signal.
            return;
        }
        String name = call.group(1);
        String arguments = call.group(2);
        if (name.equals("openat")) {
            opened(arguments);
            return;
        }
        Matcher descriptor = DESCRIPTOR.matcher(arguments);
        String file = descriptor.find() ? descriptor.group(1) : "";
        if (file.endsWith(SyncSteps.MARK + ">")) {
            if (name.equals("fsync")) {
                mark();
            }
        } else if (isForce(name, arguments, file)) {
            current++;
        }
    }

    private void opened(String arguments) {
        // By number and path: one file may be opened both ways. A number is used again after a close.
        Matcher file = OPENED.matcher(arguments);
        if (file.find()) {
            if (arguments.contains("O_SYNC") || arguments.contains("O_DSYNC")) {
                synchronous.add(file.group(1));
            } else {
                synchronous.remove(file.group(1));
            }
        }
    }

    private boolean isForce(String name, String arguments, String file) {
        return switch (name) {
            case "fsync", "fdatasync", "sync_file_range" -> true;
            case "msync" -> arguments.contains("MS_SYNC");
            case "pwritev2" ->
                arguments.contains("RWF_DSYNC") || arguments.contains("RWF_SYNC") || synchronous.contains(file);
            default -> synchronous.contains(file);
        };
    }

    private void mark() {
        if (begun) {
            counts.add(current);
        }
        begun = true;
        current = 0;
    }
}
