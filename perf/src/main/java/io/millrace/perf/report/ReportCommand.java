package io.millrace.perf.report;

import io.millrace.perf.Arguments;
import io.millrace.perf.UsageException;
import io.millrace.perf.compare.Comparison;
import io.millrace.perf.compare.RatioTable;
import io.millrace.perf.result.JsonReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** {@code millrace report}: prints the table, writes the page and, if asked, the Markdown. */
public final class ReportCommand {
    private static final Set<String> OPTIONS = Set.of("html", "markdown");

    private ReportCommand() {}

    /** Runs it; answers the exit status. */
    public static int run(List<String> arguments, PrintStream out) {
        Arguments parsed = Arguments.parse(arguments, OPTIONS, Set.of());
        if (parsed.words().size() != 1) {
            throw new UsageException("report needs one file of results, as bench compare writes it");
        }
        Path json = Path.of(parsed.words().get(0));
        try {
            Comparison comparison = Comparison.of(JsonReader.readObject(Files.readString(json)));
            RatioTable table = new RatioTable(comparison);
            out.print(table.text());
            Path html = Path.of(parsed.text("html", json.toString().replaceAll("\\.json$", "") + ".html"));
            Files.writeString(html, HtmlReport.of(comparison));
            out.println("\nwritten to " + html);
            if (parsed.has("markdown")) {
                Files.writeString(Path.of(parsed.text("markdown", "")), table.markdown());
            }
            return 0;
        } catch (IllegalArgumentException e) {
            throw new UsageException(json + ": " + e.getMessage());
        } catch (IOException e) {
            System.err.println("report: " + e);
            return 1;
        }
    }
}
