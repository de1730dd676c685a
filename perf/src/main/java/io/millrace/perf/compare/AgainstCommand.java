package io.millrace.perf.compare;

import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import io.millrace.perf.peer.Contenders;
import io.millrace.perf.result.JsonReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code millrace bench --against RESULTS.json}: measures Millrace again as that run did, and fails if it has become slower beyond noise. */
public final class AgainstCommand {
    private static final Set<String> VALUED = Set.of("against", "directory", "workloads");

    private AgainstCommand() {}

    /** Runs it; answers the exit status, 1 if something is worse. */
    public static int run(List<String> arguments, PrintStream out) throws IOException {
        Arguments parsed = Arguments.parse(arguments, VALUED, Set.of());
        Path file = Path.of(parsed.text("against", ""));
        Comparison stored;
        try {
            stored = Comparison.of(JsonReader.readObject(Files.readString(file)));
        } catch (IllegalArgumentException e) {
            throw new UsageException(file + ": " + e.getMessage());
        }
        String scale = ((Map<?, ?>) stored.document().get("scale")).get("name").toString();
        String workloads = parsed.text("workloads", workloads(stored));
        Path fresh = Files.createTempFile("millrace-against-", ".json");
        try {
            Files.delete(fresh);
            CompareCommand.run(
                    List.of(
                            "--" + scale,
                            "--contenders=" + Contenders.MILLRACE.id(),
                            "--workloads=" + workloads,
                            "--directory=" + parsed.text("directory", System.getProperty("java.io.tmpdir")),
                            "--json=" + fresh),
                    out);
            Comparison now = Comparison.of(JsonReader.readObject(Files.readString(fresh)));
            return judge(new Guard(stored, now), Set.of(workloads.split(",", -1)), now, out);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static String workloads(Comparison stored) {
        return stored.runs().stream()
                .filter(run -> run.contender().equals(Contenders.MILLRACE.id()))
                .map(Run::workload)
                .filter(workload -> !workload.equals(Workload.SYNCS.id()))
                .distinct()
                .collect(Collectors.joining(","));
    }

    private static int judge(Guard guard, Set<String> workloads, Comparison now, PrintStream out) {
        out.println();
        boolean worse = false;
        for (Guard.Verdict verdict : guard.verdicts()) {
            // The rows of a workload may have names of their own; what was not measured has no figure.
            if (!Double.isNaN(verdict.ratio())
                    || workloads.contains(verdict.row().workload())) {
                out.println(verdict.line());
                worse |= verdict.isWorse();
            }
        }
        if (now.isDisturbed()) {
            out.println("the machine was disturbed; measure again before you believe this");
        }
        return worse ? 1 : 0;
    }
}
