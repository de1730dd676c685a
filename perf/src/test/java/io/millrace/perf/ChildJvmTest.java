package io.millrace.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChildJvmTest {
    @Test
    void aChildHasTheFlagsOfItsParentAndThoseTheEngineNeeds() {
        List<String> flags = ChildJvm.flags(List.of("-Xmx1g", "-agentlib:jdwp=transport=dt_socket,server=y"));
        assertEquals("-Xmx1g", flags.get(0));
        assertTrue(flags.containsAll(JvmFlags.forRunningJdk()));
        assertFalse(flags.stream().anyMatch(flag -> flag.contains("jdwp")));
    }

    @Test
    void noFlagIsGivenTwice() {
        List<String> needed = JvmFlags.forRunningJdk();
        assertEquals(needed, ChildJvm.flags(needed));
    }
}
