package io.millrace.perf.report;

import io.millrace.perf.result.Json;
import io.millrace.perf.result.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A headless Chromium, driven through chromedriver: the few commands the test needs. */
final class Browser implements AutoCloseable {
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final String address;
    private String session;

    private Browser(Process driver, String port) {
        this.driver = driver;
        address = "http://localhost:" + port + "/session";
    }

    /** Why there is none here; null if there is. */
    static String absence() {
        return Files.isExecutable(DRIVER) && Files.isExecutable(CHROMIUM)
                ? null
                : CHROMIUM + " and " + DRIVER + " are not both installed";
    }

    static Browser start() throws IOException {
        Process driver = new ProcessBuilder(DRIVER.toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                Browser browser = new Browser(driver, port.group(1));
                browser.begin();
                return browser;
            }
        }
        throw new IOException("chromedriver has ended");
    }

    private void begin() throws IOException {
        Map<String, Object> options = Map.of(
                "binary",
                CHROMIUM.toString(),
                "args",
                List.of("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"));
        Map<String, Object> capabilities =
                Map.of("capabilities", Map.of("alwaysMatch", Map.of("goog:chromeOptions", options)));
        session = ((Map<?, ?>) post("", capabilities)).get("sessionId").toString();
    }

    private Object post(String path, Map<String, Object> body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(Json.line(body)))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException(path + ": " + response.body());
            }
            return JsonReader.readObject(response.body()).get("value");
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private Object protocol(String command, Map<String, Object> parameters) throws IOException {
        return post("/" + session + "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    /** Shows a page as a device of this width does, light or dark. */
    void open(Path page, int width, int height, boolean dark) throws IOException {
        protocol(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        Map<String, Object> scheme = Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
        protocol("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
        post("/" + session + "/url", Map.of("url", page.toUri().toString()));
    }

    /** The value of a script, which is the body of a function. */
    Object run(String script) throws IOException {
        return post("/" + session + "/execute/sync", Map.of("script", script, "args", List.of()));
    }

    void screenshot(Path file) throws IOException {
        Object image = protocol("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        Files.write(
                file, Base64.getDecoder().decode(((Map<?, ?>) image).get("data").toString()));
    }

    @Override
    public void close() {
        try {
            protocol("Browser.close", Map.of());
        } catch (IOException e) {
            // It goes with the driver.
        }
        driver.descendants().forEach(ProcessHandle::destroy);
        driver.destroy();
    }
}
