package io.millrace.perf.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SyncTraceTest {
    @Test
    void countsEveryKindOfForceBetweenTheMarksAndNothingElse() {
        List<Integer> counts = SyncTrace.count(List.of(
                "11 fsync(7</d/before>) = 0",
                "11 fsync(9</d/sync-mark>) = 0",
                "11 fsync(7</d/log>) = 0",
                "12 fdatasync(7</d/log> <unfinished ...>",
                "12 <... fdatasync resumed>) = 0",
                "12 msync(0x7f00, 4096, MS_SYNC) = 0",
                "12 msync(0x7f00, 4096, MS_ASYNC) = 0",
                "13 pwrite64(9</d/sync-mark>, \"x\", 1, 0) = 1",
                "13 pwrite64(7</d/log>, \"x\", 1, 0) = 1",
                "11 fsync(9</d/sync-mark>) = 0",
                "13 openat(AT_FDCWD, \"/d/lmdb\", O_RDWR|O_CREAT, 0644) = 20</d/lmdb>",
                "13 openat(AT_FDCWD, \"/d/lmdb\", O_RDWR|O_DSYNC) = 21</d/lmdb>",
                "13 pwrite64(20</d/lmdb>, \"x\", 1, 0) = 1",
                "13 pwrite64(21</d/lmdb>, \"x\", 1, 0) = 1",
                "13 +++ exited with 0 +++",
                "11 fsync(9</d/sync-mark>) = 0",
                "11 fsync(7</d/log>) = 0"));

        assertEquals(List.of(3, 1), counts);
    }
}
