package io.millrace.perf.report;

import io.millrace.perf.compare.Comparison;
import io.millrace.perf.peer.Contenders;
import io.millrace.perf.result.Json;
import io.millrace.perf.result.JsonReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of a comparison with everybody and every chart, of made-up figures. */
final class ReportFixture {
    private ReportFixture() {}

    static String json() {
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Contenders who : Contenders.values()) {
            double speed = 1.0 + List.of(Contenders.values()).indexOf(who);
            List<Map<String, Object>> commits = new ArrayList<>();
            for (int inFlight : List.of(1, 16, 64, 256, 1024)) {
                commits.add(timed("commit", inFlight + " in flight", inFlight, 1000 * speed * inFlight));
            }
            runs.add(run("commit", who, commits));
            runs.add(run("transfer", who, List.of(timed("transfer", "64 in flight", 64, 5000 / speed))));
            runs.add(run(
                    "read",
                    who,
                    List.of(
                            timed("read", "2 threads", 2, 1e6 / speed),
                            timed("scan", "100 entries", 1, 20_000 * speed))));
            runs.add(run("mix", who, List.of(timed("mix", "90 % reads, 64 in flight", 64, 9000 * speed))));
            Map<String, Object> load = timed("load", "random", 1, 1e5 / speed);
            load.put("write_amplification", 1 + speed);
            load.put("space_amplification", 1 + speed / 4);
            runs.add(run("load", who, List.of(load)));
            runs.add(run("large", who, List.of(timed("large", "reads, 2 threads", 2, 20_000 / speed))));
            Map<String, Object> reopen = timed("reopen", "after kill -9", 0, 10 * speed);
            reopen.put("unit", "ms");
            runs.add(run("reopen", who, List.of(reopen)));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("kind", "compare");
        document.put("scale", Map.of("name", "made up"));
        document.put("environment", Map.of("cpu", "none </script><b>"));
        document.put("runs", runs);
        return Json.line(document);
    }

    static Comparison comparison() {
        return Comparison.of(JsonReader.readObject(json()));
    }

    private static Map<String, Object> run(String workload, Contenders who, List<Map<String, Object>> cells) {
        return Map.of(
                "run",
                workload,
                "contender",
                who.id(),
                "repetition",
                0,
                "floor_before",
                5000,
                "floor_after",
                5100,
                "cells",
                cells);
    }

    private static Map<String, Object> timed(String workload, String point, int inFlight, double value) {
        Map<String, Object> cell = new LinkedHashMap<>();
        cell.put("workload", workload);
        cell.put("point", point);
        cell.put("in_flight", inFlight);
        cell.put("value", value);
        cell.put("unit", "ops/s");
        cell.put("p50_us", 1e8 / value);
        cell.put("p90_us", 2e8 / value);
        cell.put("p99_us", 5e8 / value);
        cell.put("p999_us", 9e8 / value);
        cell.put("max_us", 1e10 / value);
        cell.put("cpu_us_per_op", 1e6 / value);
        cell.put("written_bytes_per_op", 3e7 / value);
        return cell;
    }
}
