package io.millrace.testkit.history;

/**
 * An anomaly of a history.
 *
 * @param anomaly which
 * @param realTime whether it is one only because of who ended before whom began
 * @param explanation the transactions it consists of
 */
public record Finding(Anomaly anomaly, boolean realTime, String explanation) {
    @Override
    public String toString() {
        return anomaly + (realTime ? " in real time: " : ": ") + explanation;
    }
}
