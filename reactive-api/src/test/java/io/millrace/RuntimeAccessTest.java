package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens a store in JVMs without any flag. */
final class RuntimeAccessTest {
    @TempDir
    private Path directory;

    @Test
    void storeOpensWithoutFlags() throws IOException, InterruptedException {
        Result result = run();
        assertEquals(0, result.exit, result.output);
        assertTrue(result.output.contains("read back: 42"), result.output);
        assertTrue(result.output.contains("exported packages of java.base"), result.output);
    }

    @Test
    void switchedOffItNamesTheFlags() throws IOException, InterruptedException {
        Result result = run("-D" + RuntimeAccess.SWITCH + "=false");
        assertEquals(1, result.exit, result.output);
        assertTrue(result.output.contains("InvalidConfigurationException"), result.output);
        assertTrue(result.output.contains("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"), result.output);
    }

    @Test
    void withTheFlagsNothingIsDone() throws IOException, InterruptedException {
        Result result =
                run("-D" + RuntimeAccess.SWITCH + "=false", "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");
        assertEquals(0, result.exit, result.output);
        assertTrue(!result.output.contains("exported packages"), result.output);
    }

    private record Result(int exit, String output) {}

    private Result run(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Program.class.getName(), directory.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Result(process.exitValue(), output);
    }

    /** What a user's first program may look like. */
    static final class Program {
        private Program() {}

        @SuppressWarnings("checkstyle:console")
        public static void main(String[] arguments) {
            Store store = Store.open(StoreOptions.at(Path.of(arguments[0]))).block();
            OrderedMap<String, Long> map = store.map("answers", Codecs.utf8(), Codecs.int64());
            map.put("all", 42L).block();
            System.out.println("read back: " + map.get("all").block());
            store.close().block();
        }
    }
}
