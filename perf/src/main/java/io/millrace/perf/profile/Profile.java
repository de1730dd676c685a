package io.millrace.perf.profile;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * A flight recording of this JVM with its summary: hottest methods, allocation by site, time in fsync, wake-ups per commit. The time in fsync is
 * that of the log thread, from samples: the JDK has no event for it before 22.
 */
public final class Profile {
    private static final int SHOWN = 10;
    private static final double PERCENT = 100;
    private static final String LOG_THREAD = "millrace-log";
    private static final String FORCE = "force0";

    private final Recording recording;
    private final long switchesBefore = ContextSwitches.voluntary();
    private final Map<String, Long> methods = new HashMap<>();
    private final Map<String, Long> allocations = new HashMap<>();
    private long samples;
    private long allocatedBytes;
    private long logSamples;
    private long forceSamples;

    private Profile(Recording recording) {
        this.recording = recording;
    }

    /** Begins to record. */
    public static Profile start() throws IOException {
        Recording recording;
        try {
            recording = new Recording(Configuration.getConfiguration("profile"));
        } catch (ParseException e) {
            throw new IOException("the JDK's own configuration \"profile\" can't be read", e);
        }
        recording.start();
        return new Profile(recording);
    }

    /** Ends the recording, writes it to a file in the working directory, and prints what is in it. */
    public void stop(long commits, PrintStream out) throws IOException {
        long switches = ContextSwitches.voluntary() - switchesBefore;
        recording.stop();
        Path file =
                Path.of("millrace-" + ProcessHandle.current().pid() + ".jfr").toAbsolutePath();
        Files.deleteIfExists(file);
        recording.dump(file);
        recording.close();
        read(file);
        out.printf("%nprofile in %s%n", file);
        print(out, "hottest methods", methods, samples, "samples");
        print(out, "allocation by site", allocations, allocatedBytes, "bytes sampled");
        if (logSamples > 0) {
            out.printf(
                    Locale.ROOT,
                    "time in fsync: %.0f %% of the log thread's (%d samples)%n",
                    PERCENT * forceSamples / logSamples,
                    logSamples);
        }
        if (commits > 0) {
            out.printf(
                    Locale.ROOT,
                    "wake-ups per commit: %.3f (%d of %d commits)%n",
                    (double) switches / commits,
                    switches,
                    commits);
        }
    }

    private void read(Path file) throws IOException {
        try (RecordingFile events = new RecordingFile(file)) {
            while (events.hasMoreEvents()) {
                add(events.readEvent());
            }
        }
    }

    private void add(RecordedEvent event) {
        if (event.getStackTrace() == null || event.getStackTrace().getFrames().isEmpty()) {
            return;
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        switch (event.getEventType().getName()) {
            case "jdk.ExecutionSample" -> {
                samples++;
                methods.merge(name(frames.get(0)), 1L, Long::sum);
                countLogThread(event, frames);
            }
            case "jdk.NativeMethodSample" -> countLogThread(event, frames);
            case "jdk.ObjectAllocationSample" -> {
                long weight = event.getLong("weight");
                allocatedBytes += weight;
                allocations.merge(site(frames), weight, Long::sum);
            }
            default -> {
                // Not asked for.
            }
        }
    }

    private void countLogThread(RecordedEvent event, List<RecordedFrame> frames) {
        if (event.getThread("sampledThread") != null
                && LOG_THREAD.equals(event.getThread("sampledThread").getJavaName())) {
            logSamples++;
            forceSamples += frames.get(0).getMethod().getName().equals(FORCE) ? 1 : 0;
        }
    }

    /** The first frame of ours, else the first one. */
    private static String site(List<RecordedFrame> frames) {
        return frames.stream()
                .map(Profile::name)
                .filter(name -> name.startsWith("io.millrace."))
                .findFirst()
                .orElse(name(frames.get(0)));
    }

    private static String name(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static void print(PrintStream out, String title, Map<String, Long> counts, long total, String unit) {
        out.printf("%s (%d %s):%n", title, total, unit);
        counts.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(SHOWN)
                .forEach(entry -> out.printf(
                        Locale.ROOT, "  %5.1f %%  %s%n", PERCENT * entry.getValue() / total, entry.getKey()));
    }
}
