package io.millrace.perf.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ZipfTest {
    private static final int COUNT = 1000;
    private static final int DRAWS = 200_000;

    @Test
    void ranksComeAsOftenAsTheLawSays() {
        double theta = 0.99;
        int[] seen = draw(new Zipf(COUNT, theta));
        double sum = 0;
        for (int i = 1; i <= COUNT; i++) {
            sum += Math.pow(i, -theta);
        }
        assertEquals(1 / sum, seen[0] / (double) DRAWS, 0.01);
        assertEquals(Math.pow(2, -theta) / sum, seen[1] / (double) DRAWS, 0.01);
        int firstTen = 0;
        double expected = 0;
        for (int i = 0; i < 10; i++) {
            firstTen += seen[i];
            expected += Math.pow(i + 1, -theta) / sum;
        }
        assertEquals(expected, firstTen / (double) DRAWS, 0.03);
    }

    @Test
    void thetaZeroIsUniform() {
        for (int seen : draw(new Zipf(COUNT, 0))) {
            assertEquals(DRAWS / COUNT, seen, 100);
        }
    }

    @Test
    void scramblingKeepsTheRangeAndSpreadsThePopularOnes() {
        Zipf zipf = new Zipf(COUNT, 0.99);
        SplittableRandom random = new SplittableRandom(7);
        int upperHalf = 0;
        for (int i = 0; i < DRAWS; i++) {
            long number = zipf.scrambled(random);
            assertTrue(number >= 0 && number < COUNT);
            upperHalf += number >= COUNT / 2 ? 1 : 0;
        }
        assertTrue(upperHalf > DRAWS / 5, "ranks alone would put almost nothing there: " + upperHalf);
    }

    @Test
    void aSingleNumberIsAlwaysThatNumber() {
        assertEquals(0, new Zipf(1, 0.5).rank(new SplittableRandom(1)));
    }

    private static int[] draw(Zipf zipf) {
        SplittableRandom random = new SplittableRandom(42);
        int[] seen = new int[COUNT];
        for (int i = 0; i < DRAWS; i++) {
            seen[(int) zipf.rank(random)]++;
        }
        return seen;
    }
}
