package io.millrace.perf.profile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProfileTest {
    private long sum;

    @Test
    void itNamesTheMethodThatWasHotAndTheFile() throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Profile profile = Profile.start();
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < 1_000_000_000) {
            burn();
        }
        profile.stop(100, new PrintStream(printed, true, StandardCharsets.UTF_8));
        Files.deleteIfExists(Path.of("millrace-" + ProcessHandle.current().pid() + ".jfr"));

        String text = printed.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("io.millrace.perf.profile.ProfileTest."), text);
        assertTrue(text.contains("hottest methods"), text);
        assertTrue(text.contains("allocation by site"), text);
        assertTrue(text.contains("wake-ups per commit"), text);
        assertTrue(text.contains(".jfr"), text);
    }

    private void burn() {
        for (int i = 0; i < 100_000; i++) {
            sum = sum * 31 + Math.floorMod(sum ^ i, 97);
        }
    }
}
