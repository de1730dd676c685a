package io.millrace.perf;

/** Entry point of {@code benchmarks.jar}; the first argument names the command. */
public final class Main {
    private static final String HELP = """
            usage: millrace <command> [options]

              jvm-flags   print the JVM flags an application on this JDK needs
              help        print this text
            """;

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String[] args) {
        String command = args.length == 0 ? "help" : args[0];
        switch (command) {
            case "help", "--help", "-h" -> System.out.print(HELP);
            case "jvm-flags" -> System.out.println(String.join(" ", JvmFlags.forRunningJdk()));
            default -> {
                System.err.println("unknown command: " + command);
                System.err.print(HELP);
                return 2;
            }
        }
        return 0;
    }
}
