package io.millrace.perf;

import io.millrace.perf.bench.BenchCommand;
import io.millrace.perf.demo.DemoCommand;
import io.millrace.perf.log.LogCommand;
import io.millrace.perf.report.ReportCommand;
import io.millrace.perf.verify.VerifyCommand;
import java.util.List;

/** Entry point of {@code benchmarks.jar}; the first argument names the command. */
public final class Main {
    private static final String HELP = """
            usage: millrace <command> [options]

              demo        bank transfers, kill -9 at a random moment, recovery, check; again and again
                            --rounds 5  --seconds 3  --directory D  --seed S  --accounts 10000  --in-flight 128
                            --kill-recovery   in every other round the JVM that recovers is killed too
                            -p key=value      setting of the store, may be repeated
              demo verify --directory D
                          checks the bank a demo left behind
              verify DIRECTORY
                          checks every page of a store that is not open; changes nothing; exit status 1 if something is wrong
                            --recover         opens and closes it first, if it was not closed in order
                            --repair TARGET   writes everything that can be read to a new store
              log DIRECTORY
                          the records of the log, of a store that may be open, and where and why it ends; exit status 1 if it is damaged
                            --from LSN        instead of where a restart would begin
                            --tree NAME  --tx ID   only those of a map, of a transaction
                            --json  --stats   an object a line; only sums
                            --follow          goes on as the log grows
              bench commit
                          durable commits per second, beside a raw write-and-force loop
                            --in-flight 1,16,64,256,1024  --seconds 10  --warm-up 3  --directory D
                            --value-size 100  --keys 100000  --json FILE  --profile  -p key=value
              bench compare --quick | --full
                          Millrace beside other embedded stores, each in a JVM of its own; goes on where it was stopped
                            --contenders a,b  --workloads a,b  --directory D  --json FILE  --budget SECONDS
              bench mix   a mixture of operations at a fixed rate, due whether or not the store keeps up
                            --reads 80  --scan 5  --scan-length 100  --value-size 100  --keys 100k  --zipf 0.99
                            --rate 10000  --seconds 10  --warm-up 3  --directory D  --profile  -p key=value
              bench recovery
                          time to repeat logs of these lengths after a kill, beside plain reads of the same log
                            --log 256MiB,512MiB,1GiB  --keys 500k  --value-size 100  --directory D  --profile  -p key=value
                            --kill-under-load  --rounds 5  --seconds 10   instead: kills under full load, with a target of 2 s
              bench --against FILE.json
                          measures Millrace as a stored run did; fails if it has become slower beyond noise
                            --workloads a,b  --directory D
              bench --list
                          the benchmarks there are
              bench NAME  one of them, beside the figures of the garbage collector
                            --forks 1  --warm-up 3  --iterations 3  --seconds 2  --threads 1  --json FILE
                            -p inFlight=1,64   parameter of the benchmark   -p key=value   setting of the store
              report FILE.json
                          the results of bench compare as a table and as a page with charts
                            --html FILE  --markdown FILE
              jvm-flags   print the JVM flags an application on this JDK needs
              help        print this text
            """;

    private Main() {}

    public static void main(String[] args) {
        int status;
        try {
            status = run(List.of(args));
        } catch (UsageException e) {
            System.err.println("millrace: " + e.getMessage() + " (see \"millrace help\")");
            status = 2;
        }
        System.exit(status);
    }

    private static int run(List<String> args) {
        String command = args.isEmpty() ? "help" : args.get(0);
        List<String> rest = args.isEmpty() ? args : args.subList(1, args.size());
        return switch (command) {
            case "help", "--help", "-h" -> print(HELP);
            case "jvm-flags" -> print(String.join(" ", JvmFlags.forRunningJdk()) + System.lineSeparator());
            case "demo" -> DemoCommand.run(rest, System.out);
            case "report" -> ReportCommand.run(rest, System.out);
            case "log" -> LogCommand.run(rest, System.out);
            case "verify" -> VerifyCommand.run(rest, System.out);
            case "bench" -> BenchCommand.run(rest, System.out);
            default -> throw new UsageException("unknown command: " + command);
        };
    }

    private static int print(String text) {
        System.out.print(text);
        return 0;
    }
}
