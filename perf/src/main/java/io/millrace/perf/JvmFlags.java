package io.millrace.perf;

import java.util.ArrayList;
import java.util.List;

/** The flags that Agrona and Chronicle Bytes need of the JVM, by JDK. */
public final class JvmFlags {
    private static final int FIRST_WITH_UNSAFE_WARNING = 24;

    private static final List<String> ALWAYS = List.of(
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED");

    private JvmFlags() {}

    /** The flags for the JDK this program runs on, also right for a child JVM of the same JDK. */
    public static List<String> forRunningJdk() {
        return forJdk(Runtime.version().feature());
    }

    static List<String> forJdk(int feature) {
        List<String> flags = new ArrayList<>(ALWAYS);
        if (feature >= FIRST_WITH_UNSAFE_WARNING) {
            // Older JVMs refuse to start with it.
            flags.add("--sun-misc-unsafe-memory-access=allow");
        }
        return List.copyOf(flags);
    }
}
