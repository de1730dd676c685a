package io.millrace.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which calls on a {@link SimulatedDirectory} go wrong, and how. Each rule counts the calls that match it, from 1, since the
 * plan was made; of several rules that hit the same call the first added wins.
 *
 * <p>Build it in one thread, then hand it to {@link SimulatedDirectory#faults}; the directory's lock guards it from then on.
 */
public final class FaultPlan {

    private final List<Rule> rules = new ArrayList<>();

    private FaultPlan() {}

    /** A plan without rules. */
    public static FaultPlan none() {
        return new FaultPlan();
    }

    /** The n-th call of any kind. */
    public FaultPlan atCall(long n, Fault fault) {
        return add(new Rule(kind -> true, name -> true, n, n, fault));
    }

    /** The n-th call that {@linkplain IoKind#isChange changes} the disk: run n = 1, 2, 3, ... to crash everywhere. */
    public FaultPlan atChange(long n, Fault fault) {
        return add(new Rule(IoKind::isChange, name -> true, n, n, fault));
    }

    /** The n-th call of one kind. */
    public FaultPlan at(IoKind kind, long n, Fault fault) {
        return at(kind, name -> true, n, fault);
    }

    /** The n-th call of one kind on the names given. */
    public FaultPlan at(IoKind kind, Predicate<String> names, long n, Fault fault) {
        return add(new Rule(other -> other == kind, names, n, n, fault));
    }

    /** The n-th and every later call of one kind on the names given. */
    public FaultPlan from(IoKind kind, Predicate<String> names, long n, Fault fault) {
        return add(new Rule(other -> other == kind, names, n, Long.MAX_VALUE, fault));
    }

    /** Counts a call; called once per call, under the directory's lock. */
    Fault next(IoKind kind, String name) {
        Fault hit = Fault.NONE;
        for (Rule rule : rules) {
            if (rule.hits(kind, name) && hit == Fault.NONE) {
                hit = rule.fault;
            }
        }
        return hit;
    }

    private FaultPlan add(Rule rule) {
        rules.add(rule);
        return this;
    }

    private static final class Rule {

        private final Predicate<IoKind> kinds;
        private final Predicate<String> names;
        private final long first;
        private final long last;
        private final Fault fault;
        private long matches;

        private Rule(Predicate<IoKind> kinds, Predicate<String> names, long first, long last, Fault fault) {
            this.kinds = kinds;
            this.names = names;
            this.first = first;
            this.last = last;
            this.fault = fault;
        }

        private boolean hits(IoKind kind, String name) {
            if (!kinds.test(kind) || !names.test(name)) {
                return false;
            }
            matches++;
            return matches >= first && matches <= last;
        }
    }
}
