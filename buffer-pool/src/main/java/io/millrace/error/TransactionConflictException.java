package io.millrace.error;

/** Another transaction changed what this one wrote or read, and committed first. Run the transaction again. */
public final class TransactionConflictException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String map;
    private final long snapshotLsn;
    private final long winnerLsn;

    /** The map it happened in, the snapshot of the loser, the commit LSN of the winner, 0 while it runs. */
    public TransactionConflictException(String map, long snapshotLsn, long winnerLsn) {
        super("conflict in map '" + map + "': a transaction "
                + (winnerLsn == 0 ? "that still runs" : "committed at LSN " + winnerLsn)
                + " changed what this one, of snapshot " + snapshotLsn + ", depends on: run the transaction again");
        this.map = map;
        this.snapshotLsn = snapshotLsn;
        this.winnerLsn = winnerLsn;
    }

    public String map() {
        return map;
    }

    public long snapshotLsn() {
        return snapshotLsn;
    }

    public long winnerLsn() {
        return winnerLsn;
    }

    @Override
    public boolean isTransient() {
        return true;
    }
}
