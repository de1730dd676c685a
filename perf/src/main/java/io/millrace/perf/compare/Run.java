package io.millrace.perf.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One workload of one contender, once: what a resumed comparison does not do again.
 *
 * @param workload what was measured
 * @param contender who
 * @param repetition the how manieth time, from 0
 * @param cells what came of it
 * @param failure why it ended otherwise than it should have, null if it did not
 * @param floorBefore the raw floor right before, 0 if there is none
 * @param floorAfter the same right after
 */
record Run(
        String workload,
        String contender,
        int repetition,
        List<Map<String, Object>> cells,
        String failure,
        double floorBefore,
        double floorAfter) {
    private static final double STEADY = 4.0 / 3;

    Map<String, Object> members() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("run", workload);
        members.put("contender", contender);
        members.put("repetition", repetition);
        if (failure != null) {
            members.put("failure", failure);
        }
        if (floorBefore > 0) {
            members.put("floor", Workload.named(workload).floor().id());
            members.put("floor_before", floorBefore);
            members.put("floor_after", floorAfter);
        }
        members.put("cells", cells);
        return members;
    }

    @SuppressWarnings("unchecked") // what members() wrote
    static Run of(Map<String, Object> members) {
        List<Map<String, Object>> cells = new ArrayList<>();
        for (Object cell : (List<Object>) members.get("cells")) {
            cells.add((Map<String, Object>) cell);
        }
        return new Run(
                (String) members.get("run"),
                (String) members.get("contender"),
                ((Number) members.get("repetition")).intValue(),
                cells,
                (String) members.get("failure"),
                number(members.get("floor_before")),
                number(members.get("floor_after")));
    }

    private static double number(Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }

    /** Whether the floor moved meanwhile by more than a third: then the figures say more about the machine than about the contender. */
    boolean isDisturbed() {
        return Math.max(floorBefore, floorAfter) > STEADY * Math.min(floorBefore, floorAfter);
    }

    double floor() {
        return (floorBefore + floorAfter) / 2;
    }

    boolean is(Workload what, String who, int when) {
        return workload.equals(what.id()) && contender.equals(who) && repetition == when;
    }
}
