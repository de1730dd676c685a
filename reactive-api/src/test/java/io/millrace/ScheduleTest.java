package io.millrace;

import static io.millrace.Isolation.READ_COMMITTED;
import static io.millrace.Isolation.SERIALIZABLE;
import static io.millrace.Isolation.SNAPSHOT;

import io.millrace.ScheduleModel.Kind;
import io.millrace.ScheduleModel.Step;
import io.millrace.Schedules.Program;
import io.millrace.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every interleaving of small transactions gives every one of them the answers of the {@link ScheduleModel}. */
final class ScheduleTest {
    private static final boolean STRESS = Boolean.getBoolean("millrace.stress");
    private static final List<Kind> OPERATIONS =
            List.of(Kind.GET, Kind.PUT, Kind.PUT_IF_ABSENT, Kind.DELETE, Kind.LOCK, Kind.COUNT);
    private static final Step COMMIT = new Step(Kind.COMMIT, 0, 0);
    private static final Step ROLLBACK = new Step(Kind.ROLLBACK, 0, 0);
    private static final Step COUNT = new Step(Kind.COUNT, 0, 0);

    private int values = 100;

    private Step step(Kind kind, int key) {
        return new Step(kind, key, values++);
    }

    private static Program program(Isolation level, Step... steps) {
        return new Program(level, List.of(steps));
    }

    private static void explore(List<Program> programs) {
        Schedules schedules = new Schedules();
        schedules.run(() -> schedules.explore(programs));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void lostUpdate(Isolation level) {
        explore(List.of(
                program(level, step(Kind.GET, 1), step(Kind.PUT, 1), COMMIT),
                program(level, step(Kind.GET, 1), step(Kind.PUT, 1), COMMIT)));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void writeSkewOnARange(Isolation level) {
        explore(List.of(
                program(level, COUNT, step(Kind.PUT, 1), COMMIT),
                program(level, COUNT, step(Kind.PUT_IF_ABSENT, 2), COMMIT)));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void deadlock(Isolation level) {
        explore(List.of(
                program(level, step(Kind.PUT, 1), step(Kind.LOCK, 2), COMMIT),
                program(level, step(Kind.PUT, 2), step(Kind.DELETE, 1), ROLLBACK)));
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void threeOnOneKey(Isolation level) {
        explore(List.of(
                program(level, step(Kind.PUT, 1), COMMIT),
                program(level, step(Kind.DELETE, 1), step(Kind.GET, 1), ROLLBACK),
                program(level, step(Kind.LOCK, 1), COMMIT)));
    }

    @Test
    void randomProgramsInRandomOrders() {
        Seeds.forEach(STRESS ? 200 : 4, (seed, random) -> {
            Schedules schedules = new Schedules();
            schedules.run(() -> {
                for (int i = 0; i < 60; i++) {
                    List<Program> programs = programs(random);
                    schedules.check(programs, order(programs, random));
                }
            });
        });
    }

    @Test
    void allOrdersOfRandomPrograms() {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        int[] count = new int[1];
        do {
            Seeds.forEach(1, (seed, random) -> {
                Schedules schedules = new Schedules();
                schedules.run(() -> schedules.explore(programs(random).subList(0, 2)));
                count[0] += schedules.schedules();
            });
        } while (STRESS && System.nanoTime() < end);
        System.out.println(count[0] + " schedules");
    }

    /** Two or three transactions of at most four steps. */
    private List<Program> programs(Random random) {
        List<Program> programs = new ArrayList<>();
        Isolation[] levels = {READ_COMMITTED, SNAPSHOT, SERIALIZABLE};
        boolean mixed = random.nextInt(3) == 0;
        Isolation level = levels[random.nextInt(3)];
        for (int i = 2 + random.nextInt(2); i > 0; i--) {
            List<Step> steps = new ArrayList<>();
            for (int rest = 1 + random.nextInt(3); rest > 0; rest--) {
                Kind kind = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
                steps.add(kind == Kind.COUNT ? COUNT : step(kind, 1 + random.nextInt(Schedules.KEYS)));
            }
            steps.add(random.nextInt(4) == 0 ? ROLLBACK : COMMIT);
            programs.add(new Program(mixed ? levels[random.nextInt(3)] : level, steps));
        }
        return programs;
    }

    private static List<Integer> order(List<Program> programs, Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < programs.size(); i++) {
            order.addAll(Collections.nCopies(programs.get(i).steps().size(), i));
        }
        Collections.shuffle(order, random);
        return order;
    }
}
