package io.millrace.perf;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts this program again in another JVM: same java, same flags, same class path. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Starts {@link Main} with these arguments. The caller reads the standard output; the standard error goes where this JVM's goes.
     *
     * @throws IOException if the process can't be started
     */
    public static Process start(List<String> arguments) throws IOException {
        return new ProcessBuilder(command(Main.class, arguments))
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The command that runs a main class in another JVM. */
    public static List<String> command(Class<?> main, List<String> arguments) {
        return command(main, List.of(), List.of(), arguments);
    }

    /** The command that runs a main class with further flags and further entries of the class path. */
    public static List<String> command(
            Class<?> main, List<String> flags, List<String> classPath, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags(ManagementFactory.getRuntimeMXBean().getInputArguments()));
        command.addAll(flags);
        command.add("-cp");
        List<String> entries = new ArrayList<>(classPath);
        entries.add(0, absolute(System.getProperty("java.class.path")));
        command.add(String.join(File.pathSeparator, entries));
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    /** The flags of this JVM, and what a jar's manifest gives to {@code java -jar} but not to {@code java -cp}. */
    static List<String> flags(List<String> own) {
        List<String> flags = new ArrayList<>();
        for (String flag : own) {
            // Two JVMs can't listen on one port.
            if (!flag.startsWith("-agentlib:jdwp") && !flag.startsWith("-Xrunjdwp")) {
                flags.add(flag);
            }
        }
        for (String flag : JvmFlags.forRunningJdk()) {
            if (!flags.contains(flag)) {
                flags.add(flag);
            }
        }
        return flags;
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            entries.add(new File(entry).getAbsolutePath());
        }
        return String.join(File.pathSeparator, entries);
    }
}
