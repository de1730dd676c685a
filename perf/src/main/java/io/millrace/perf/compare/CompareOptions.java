package io.millrace.perf.compare;

import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import io.millrace.perf.peer.Contenders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What to compare.
 *
 * @param scale how much of everything
 * @param contenders who takes part
 * @param workloads what is measured
 * @param directory on the disk to be measured
 * @param json file for the results; what is done so far lies beside it
 * @param budgetSeconds after which to stop, to be resumed; 0 for never
 */
record CompareOptions(
        Scale scale, List<String> contenders, List<Workload> workloads, Path directory, Path json, long budgetSeconds) {
    private static final Set<String> VALUED = Set.of("contenders", "workloads", "directory", "json", "budget");
    private static final Set<String> SCALES = Set.of("quick", "full", "tiny");

    static CompareOptions parse(List<String> arguments) {
        Arguments parsed = Arguments.parse(arguments, VALUED, SCALES);
        List<String> scales = SCALES.stream().filter(parsed::has).toList();
        if (scales.size() != 1
                || !parsed.words().isEmpty()
                || !parsed.settings().isEmpty()) {
            throw new UsageException("bench compare needs either --quick or --full");
        }
        String scale = scales.get(0);
        String directory = parsed.text("directory", System.getProperty("java.io.tmpdir"));
        String json = parsed.text("json", "compare-" + scale + ".json");
        try {
            return new CompareOptions(
                    Scale.named(scale),
                    chosen(parsed.text("contenders", null), Contenders.ids()).stream()
                            .map(id -> Contenders.named(id).id())
                            .toList(),
                    chosen(parsed.text("workloads", null), Workload.ids()).stream()
                            .map(Workload::named)
                            .toList(),
                    Path.of(directory).toAbsolutePath(),
                    Path.of(json).toAbsolutePath(),
                    parsed.number("budget", 0, 0));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static List<String> chosen(String text, List<String> all) {
        return text == null ? all : new ArrayList<>(Arrays.asList(text.split(",", -1)));
    }
}
