package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.error.InvalidConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class ConfigurationTest {
    @Test
    void everyDefaultIsAllowed() {
        for (Setting setting : Setting.values()) {
            setting.check(setting.defaultValue());
        }
    }

    @Test
    void laterSourcesWin() {
        Properties system = new Properties();
        system.setProperty("millrace.wal.ring-slots", "1024");
        system.setProperty("unrelated", "1");
        Configuration configuration = Configuration.of(
                Map.of("buffer-pool.size", "8MiB", "wal.ring-slots", "256", "transaction.retries", "1"),
                Map.of("wal.ring-slots", "512", "transaction.retries", "2"),
                system);
        assertEquals(8 << 20, configuration.number(Setting.BUFFER_POOL_SIZE));
        assertEquals(2, configuration.count(Setting.TRANSACTION_RETRIES));
        assertEquals(1024, configuration.count(Setting.WAL_RING_SLOTS));
        assertEquals(256, configuration.count(Setting.WAL_SLOT_SIZE));
        assertTrue(configuration.isGiven(Setting.WAL_RING_SLOTS));
        assertFalse(configuration.isGiven(Setting.WAL_SLOT_SIZE));
    }

    @Test
    void unitsCount() {
        Configuration configuration = of(
                Map.of("buffer-pool.size", "2 GiB", "checkpoint.interval", "500ms", "transaction.lock-timeout", "1m"));
        assertEquals(2L << 30, configuration.number(Setting.BUFFER_POOL_SIZE));
        assertEquals(Duration.ofMillis(500), configuration.duration(Setting.CHECKPOINT_INTERVAL));
        assertEquals(Duration.ofMinutes(1), configuration.duration(Setting.TRANSACTION_LOCK_TIMEOUT));
    }

    @Test
    void unknownKeyNamesTheNearest() {
        InvalidConfigurationException error = refusal("bufferpool.size", "1MiB");
        assertEquals("bufferpool.size", error.key());
        assertEquals("buffer-pool.size", error.nearestKey());
        assertEquals("wal.segment-size", refusal("wal.segmentsize", "1MiB").nearestKey());
        assertNull(refusal("colour", "red").nearestKey());
    }

    @Test
    void badValueNamesWhatIsAllowed() {
        InvalidConfigurationException error = refusal("buffer-pool.size", "lots");
        assertEquals("buffer-pool.size", error.key());
        assertEquals("lots", error.value());
        assertTrue(error.allowed().contains("from 128KiB to 16TiB"), error.allowed());
        refusal("buffer-pool.size", "1KiB");
        refusal("buffer-pool.page-size", "5000");
        refusal("checkpoint.interval", "5");
        refusal("transaction.retries", "-1");
        refusal("transaction.retries", "99999999999999999999");
        assertEquals(
                "force, dsync, direct, interval(DURATION), none",
                refusal("wal.sync", "fsync").allowed());
        refusal("wal.archive-directory", "archive");
        of(Map.of("wal.archive-directory", ""));
        refusal("wal.sync", "interval");
        refusal("wal.sync", "interval(0ms)");
        refusal("wal.sync", "interval(10)");
        refusal("wal.sync", "interval(10ms");
        refusal("wal.sync", "none(10ms)");
        of(Map.of("wal.sync", "interval(10ms)"));
    }

    @Test
    void systemPropertiesOfProgramsAreNoSettings() {
        Properties system = new Properties();
        system.setProperty("millrace.stress", "true");
        system.setProperty("millrace.test.args", "-Xint");
        Configuration.of(Map.of(), Map.of(), system);
        system.setProperty("millrace.bufer-pool.size", "1MiB");
        assertThrows(InvalidConfigurationException.class, () -> Configuration.of(Map.of(), Map.of(), system));
    }

    @Test
    void documentIsMadeFromTheTable() throws IOException {
        Path document = Path.of("..", "docs", "configuration.md");
        if ("write".equals(System.getProperty("millrace.golden"))) {
            Files.writeString(document, ConfigurationReference.markdown());
        }
        assertEquals(
                Files.readString(document),
                ConfigurationReference.markdown(),
                "run this test with -Dmillrace.golden=write");
    }

    private static Configuration of(Map<String, String> options) {
        return Configuration.of(Map.of(), options, new Properties());
    }

    private static InvalidConfigurationException refusal(String key, String value) {
        return assertThrows(InvalidConfigurationException.class, () -> of(Map.of(key, value)));
    }
}
