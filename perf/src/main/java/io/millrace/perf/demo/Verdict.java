package io.millrace.perf.demo;

import java.util.List;

/**
 * What an audit found.
 *
 * @param acknowledged transfers that were to be found
 * @param journalled transfers in the journal
 * @param lost acknowledged transfers and counts that are not there, or not any more as they were
 * @param torn transfers of which a part is missing
 * @param total money in the bank
 * @param expectedTotal money that must be in the bank
 * @param lastRound round of the newest transfer in the journal, 0 if there is none
 * @param problems the first problems, in words
 */
record Verdict(
        long acknowledged,
        long journalled,
        long lost,
        long torn,
        long total,
        long expectedTotal,
        long lastRound,
        List<String> problems) {
    Verdict {
        problems = List.copyOf(problems);
    }

    boolean isGood() {
        return lost == 0 && torn == 0 && total == expectedTotal;
    }
}
