package io.millrace.perf.compare;

import io.millrace.perf.UsageException;
import io.millrace.perf.result.Json;
import io.millrace.perf.result.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The runs done so far, a line each in a file beside the results, so that a comparison that was stopped goes on where it was. */
final class Progress {
    private final Path file;
    private final List<Run> runs = new ArrayList<>();
    private Map<String, Object> environment;

    private Progress(Path file) {
        this.file = file;
    }

    /** Opens or begins it; {@code environment} is that of the beginning. */
    static Progress at(Path json, Scale scale, Map<String, Object> environment) throws IOException {
        Progress progress = new Progress(json.resolveSibling(json.getFileName() + ".partial"));
        if (Files.exists(progress.file)) {
            progress.read(scale);
        } else {
            progress.environment = environment;
            progress.append(Map.of("scale", scale.name(), "environment", environment));
        }
        return progress;
    }

    @SuppressWarnings("unchecked") // what at() wrote
    private void read(Scale scale) throws IOException {
        List<String> lines = Files.readAllLines(file);
        Map<String, Object> head = JsonReader.readObject(lines.get(0));
        if (!scale.name().equals(head.get("scale"))) {
            throw new UsageException(file + " is of a run with --" + head.get("scale") + "; remove it to begin anew");
        }
        environment = (Map<String, Object>) head.get("environment");
        for (String line : lines.subList(1, lines.size())) {
            runs.add(Run.of(JsonReader.readObject(line)));
        }
    }

    private void append(Map<String, Object> line) throws IOException {
        Files.writeString(file, Json.line(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void add(Run run) throws IOException {
        runs.add(run);
        append(run.members());
    }

    boolean has(Workload workload, String contender, int repetition) {
        return runs.stream().anyMatch(run -> run.is(workload, contender, repetition));
    }

    List<Run> runs() {
        return runs;
    }

    Map<String, Object> environment() {
        return environment;
    }

    void remove() throws IOException {
        Files.deleteIfExists(file);
    }
}
