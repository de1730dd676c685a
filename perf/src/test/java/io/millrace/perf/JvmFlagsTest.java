package io.millrace.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class JvmFlagsTest {
    @Test
    void theBuildRunsTestsWithTheSameFlags() {
        List<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments();
        for (String flag : JvmFlags.forRunningJdk()) {
            assertTrue(given.contains(flag), () -> flag + " is not among the flags of the test JVM: " + given);
        }
    }

    @Test
    void onlyNewerJdksGetTheUnsafeFlag() {
        assertEquals(5, JvmFlags.forJdk(17).size());
        assertEquals(5, JvmFlags.forJdk(23).size());
        assertEquals(6, JvmFlags.forJdk(24).size());
    }
}
