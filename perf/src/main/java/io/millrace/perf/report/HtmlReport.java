package io.millrace.perf.report;

import io.millrace.perf.compare.Comparison;
import io.millrace.perf.result.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The page: template, style, script, chart library and data in one text that needs no network. */
final class HtmlReport {
    private static final String CHART_JS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private HtmlReport() {}

    static String of(Comparison comparison) throws IOException {
        // The data comes last: it may contain anything.
        return resource("report.html")
                .replace("@css@", resource("report.css"))
                .replace("@chart.js@", resource(CHART_JS).replace("</script", "<\\/script"))
                .replace("@js@", resource("report.js"))
                .replace("@data@", Json.line(PageData.of(comparison)));
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("no resource " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
