package io.millrace.perf;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The table of DESIGN section 2 as a test: which package may know which. */
class ArchitectureTest {
    private static final String COMMON = "io.millrace.common..";
    private static final String ERROR = "io.millrace.error..";
    private static final String STORAGE = "io.millrace.storage..";
    private static final String BUFFER = "io.millrace.buffer..";
    private static final String WAL = "io.millrace.wal..";
    private static final String TXN = "io.millrace.txn..";
    private static final String RECOVERY = "io.millrace.recovery..";
    private static final String BTREE = "io.millrace.btree..";
    private static final String API = "io.millrace";
    private static final String PERF = "io.millrace.perf..";
    private static final String TESTKIT = "io.millrace.testkit..";

    private static final String[] ENGINE = {COMMON, ERROR, STORAGE, BUFFER, WAL, TXN, RECOVERY, BTREE, API};

    private static final String[] JDK = {"java..", "javax..", "jdk.."};
    private static final String[] ANNOTATIONS = {"com.google.errorprone.annotations..", "org.jspecify.annotations.."};
    private static final String AGRONA = "org.agrona..";
    private static final String DISRUPTOR = "com.lmax.disruptor..";
    private static final String CHRONICLE = "net.openhft.chronicle..";
    private static final String REACTOR = "reactor..";
    private static final String REACTIVE_STREAMS = "org.reactivestreams..";

    /** Package to what it may know beside itself, the JDK and annotations. */
    private static final Map<String, List<String>> MAY_KNOW = Map.of(
            COMMON, List.of(ERROR, AGRONA),
            ERROR, List.of(COMMON),
            STORAGE, List.of(COMMON, ERROR, AGRONA),
            BUFFER, List.of(COMMON, ERROR, STORAGE, AGRONA),
            WAL, List.of(COMMON, ERROR, STORAGE, AGRONA, DISRUPTOR, CHRONICLE),
            TXN, List.of(COMMON, ERROR, STORAGE, BUFFER, WAL, RECOVERY, AGRONA),
            RECOVERY, List.of(COMMON, ERROR, STORAGE, BUFFER, WAL, TXN, AGRONA),
            BTREE, List.of(COMMON, ERROR, STORAGE, BUFFER, TXN, RECOVERY, AGRONA),
            API,
                    List.of(
                            COMMON,
                            ERROR,
                            STORAGE,
                            BUFFER,
                            WAL,
                            TXN,
                            RECOVERY,
                            BTREE,
                            AGRONA,
                            CHRONICLE,
                            REACTOR,
                            REACTIVE_STREAMS),
            TESTKIT, List.of(COMMON, ERROR, STORAGE, BUFFER, AGRONA));

    private static JavaClasses main;

    @BeforeAll
    static void readClasses() {
        main = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.millrace");
        assertTrue(main.contain(Main.class), "the main classes are on the class path");
    }

    @TestFactory
    Stream<DynamicTest> packagesKnowOnlyWhatTheTableAllows() {
        return MAY_KNOW.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(), () -> check(knowsOnly(entry.getKey(), entry.getValue()))));
    }

    @Test
    void everyClassLivesInAKnownPackage() {
        List<String> known = new ArrayList<>(Arrays.asList(ENGINE));
        known.add(PERF);
        known.add(TESTKIT);
        check(classes()
                .should()
                .resideInAnyPackage(known.toArray(String[]::new))
                .because("DESIGN section 2 lists the packages; a new one needs a line there and here"));
    }

    @Test
    void nobodyKnowsPerfOrTestkit() {
        check(noClasses()
                .that()
                .resideInAnyPackage(ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(PERF, TESTKIT)
                .because("DESIGN section 2: perf stands on top, testkit has test scope"));
    }

    @Test
    void onlyStorageTouchesFiles() {
        check(noClasses()
                .that(resideInAnyPackage(ENGINE).and(not(resideInAnyPackage(STORAGE))))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(FileChannel.class, Files.class)
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.(File|RandomAccessFile|File(Input|Output)Stream|File(Reader|Writer))")
                .because(
                        "DESIGN section 2: io.millrace.storage is the one door to the disk, the simulated disk stands behind"
                                + " it (DESIGN section 7)"));
    }

    @Test
    void threadsAndClocksHaveOneDoor() {
        check(noClasses()
                .that(resideInAnyPackage(ENGINE).and(not(resideInAnyPackage(COMMON))))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(LockSupport.class, Condition.class, CountDownLatch.class, Semaphore.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(ThreadLocalRandom.class, SecureRandom.class)
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Object.class, "wait")
                .orShould()
                .callMethod(Thread.class, "start")
                .orShould()
                .callMethod(Thread.class, "join")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(CompletableFuture.class, "join")
                .orShould()
                .callMethod(CompletableFuture.class, "get")
                .because(
                        "io.millrace.common.EngineThreads is the one door to threads, time and chance: the deterministic"
                                + " simulation stands behind it"));
    }

    @Test
    void engineDoesNotLogThroughALibrary() {
        check(
                noClasses()
                        .that()
                        .resideInAnyPackage(ENGINE)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(
                                "java.util.logging..", "org.slf4j..", "org.apache.logging..", "org.apache.log4j..")
                        .because(
                                "DESIGN section 2 allows no logging library; an error is signalled, a fact is a counter or an event"));
    }

    @Test
    void layoutsHaveNoInstanceState() {
        check(fields().that()
                .areDeclaredInClassesThat()
                .haveSimpleNameEndingWith("Layout")
                .should()
                .beStatic()
                .because("DESIGN section 2, D12: a layout is offsets and static functions, drawn once"));
    }

    private static ArchRule knowsOnly(String ofPackage, List<String> mayKnow) {
        List<String> allowed = new ArrayList<>(mayKnow);
        allowed.add(ofPackage);
        allowed.addAll(Arrays.asList(JDK));
        allowed.addAll(Arrays.asList(ANNOTATIONS));
        allowed.add(""); // primitives and their arrays
        return classes()
                .that()
                .resideInAPackage(ofPackage)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new)))
                .because("DESIGN section 2: nothing but the table's dependencies is allowed");
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(main);
    }
}
