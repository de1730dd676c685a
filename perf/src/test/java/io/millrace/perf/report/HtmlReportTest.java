package io.millrace.perf.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.perf.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @Test
    void onePageWithoutAnyAddress() throws IOException {
        String page = HtmlReport.of(ReportFixture.comparison());

        assertTrue(page.contains("Chart.js v4.5.1"), "the library is inlined");
        assertFalse(page.contains("<script src") || page.contains("<link"), "nothing is fetched");
        assertFalse(page.contains("@data@") || page.contains("@js@") || page.contains("@css@"));
        assertFalse(page.contains("none </script><b>"), "data can't end its element");
    }

    @Test
    void theCommandWritesPageAndMarkdownAndPrintsTheTable() throws IOException {
        Path json = directory.resolve("results.json");
        Path markdown = directory.resolve("results.md");
        Files.writeString(json, ReportFixture.json());

        assertEquals(0, run(json.toString(), "--markdown", markdown.toString()));

        String text = printed.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("commit: 64 in flight"), text);
        assertTrue(Files.size(directory.resolve("results.html")) > 100_000);
        assertTrue(Files.readString(markdown).startsWith("| workload | unit | Millrace |"));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path json = directory.resolve("other.json");
        Files.writeString(json, "{\"kind\": \"suite\"}");
        assertThrows(UsageException.class, () -> run(json.toString()));
        Files.writeString(json, "{\"kind\"");
        assertThrows(UsageException.class, () -> run(json.toString()));
        assertThrows(UsageException.class, this::run);
    }

    private int run(String... arguments) {
        return ReportCommand.run(List.of(arguments), new PrintStream(printed, true, StandardCharsets.UTF_8));
    }
}
