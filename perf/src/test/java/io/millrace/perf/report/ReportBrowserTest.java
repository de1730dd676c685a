package io.millrace.perf.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page in a real browser, on a phone and on a desk, light and dark. With {@code -Dmillrace.screenshots=DIRECTORY} the screenshots are kept to be
 * looked at; {@code -Dmillrace.report=FILE} shows that page instead of made-up figures.
 */
class ReportBrowserTest {
    private static final int PHONE = 390;
    private static final int DESK = 1280;
    private static final int HEIGHT = 844;

    /** For each chart: whether it fits, how much of it is drawn, its smallest text. */
    private static final String CHARTS = """
            return drawn.map((chart) => {
              const canvas = chart.canvas;
              const place = canvas.getBoundingClientRect();
              const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              let painted = 0;
              for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 0) painted++;
              const area = chart.chartArea;
              const names = chart.options.indexAxis === 'y' ? chart.scales.y.ticks.flatMap((tick) => tick.label) : [];
              chart.ctx.font = '12px ' + Chart.defaults.font.family;
              const widest = Math.max(0, ...names.map((name) => chart.ctx.measureText(name).width));
              return {
                id: canvas.id,
                left: place.left,
                right: place.right,
                painted: painted / (canvas.width * canvas.height),
                plotWidth: area.right - area.left,
                plotHeight: area.bottom - area.top,
                text: Math.min(...Object.values(chart.scales).map((scale) => scale.options.ticks.font.size)),
                spare: names.length ? chart.scales.y.width - widest : 0,
                marks: chart.data.datasets.reduce((sum, set) => sum + set.data.length, 0),
              };
            });
            """;

    /** Ratio of the luminances of text and ground, after WCAG. */
    private static final String CONTRAST = """
            const luminance = (text) => text.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255)
              .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
              .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = luminance(getComputedStyle(document.querySelector('section')).backgroundColor);
            const probe = document.body.appendChild(document.createElement('i'));
            return ['ink', 'soft', 'ours', 'good', 'bad'].map((name) => {
              probe.style.color = 'var(--' + name + ')';
              const text = luminance(getComputedStyle(probe).color);
              return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
            });
            """;

    @TempDir
    private Path directory;

    @Test
    void everyChartIsDrawnAndReadableOnPhoneAndDeskInLightAndDark() throws IOException {
        String absence = Browser.absence();
        if (absence != null) {
            System.out.println("ReportBrowserTest skipped: " + absence);
        }
        assumeTrue(absence == null, absence);
        Path page = page();
        try (Browser browser = Browser.start()) {
            for (int width : List.of(PHONE, DESK)) {
                for (boolean dark : List.of(false, true)) {
                    browser.open(page, width, HEIGHT, dark);
                    keepScreenshot(browser, width + (dark ? "-dark" : "-light"));
                    check(browser, width);
                }
            }
        }
    }

    private Path page() throws IOException {
        String given = System.getProperty("millrace.report");
        if (given != null) {
            return Path.of(given).toAbsolutePath();
        }
        Path page = directory.resolve("report.html");
        Files.writeString(page, HtmlReport.of(ReportFixture.comparison()));
        return page;
    }

    private static void keepScreenshot(Browser browser, String name) throws IOException {
        String kept = System.getProperty("millrace.screenshots");
        if (kept != null) {
            browser.screenshot(Files.createDirectories(Path.of(kept)).resolve("report-" + name + ".png"));
        }
    }

    private static void check(Browser browser, int width) throws IOException {
        String overflow = "const page = document.documentElement; return page.scrollWidth - page.clientWidth;";
        assertEquals(0.0, browser.run(overflow), "nothing but the table scrolls sideways");
        List<?> charts = (List<?>) browser.run(CHARTS);
        assertTrue(charts.size() >= 12, "all charts are there: " + charts.size());
        for (Object element : charts) {
            Map<?, ?> chart = (Map<?, ?>) element;
            String what = width + " px: " + chart;
            assertTrue(number(chart, "left") >= 0 && number(chart, "right") <= width, what);
            assertTrue(number(chart, "painted") > 0.02, what);
            assertTrue(number(chart, "plotWidth") > width / 8.0, what);
            assertTrue(number(chart, "plotHeight") > 100, what);
            assertTrue(number(chart, "text") >= 11, what);
            assertTrue(number(chart, "marks") >= 5, what);
            assertTrue(number(chart, "spare") >= 0, "names are not cut off, " + what);
        }
        for (Object contrast : (List<?>) browser.run(CONTRAST)) {
            assertTrue((Double) contrast >= 4.5, "contrast of text and ground: " + contrast);
        }
    }

    private static double number(Map<?, ?> chart, String name) {
        return (Double) chart.get(name);
    }
}
