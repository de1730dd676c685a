package io.millrace.btree;

import io.millrace.common.Completion;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.function.Function;

/** A step that an engine thread has done in the background, waiting for its end; it holds nothing while it waits. */
final class Errand extends Operation {
    private final Function<Workspace, Step> work;
    private final Completion finished;
    private int missedPages;

    private Errand(OperationContext context, Function<Workspace, Step> work) {
        super(context);
        this.work = work;
        finished = new Completion(context.engine().threads());
    }

    /**
     * Runs a step to its end.
     *
     * @return how many pages had to be loaded for it
     * @throws io.millrace.error.MillraceException if it can't be done
     */
    static int run(OperationContext context, Function<Workspace, Step> work) {
        Errand errand = new Errand(context, work);
        errand.start();
        errand.finished.await();
        return errand.missedPages;
    }

    @Override
    protected Step step(Workspace workspace) {
        Step step = work.apply(workspace);
        missedPages += step == Step.PAGE_MISS ? 1 : 0;
        return step;
    }

    @Override
    protected void done() {
        finished.complete();
    }

    @Override
    protected void failed(Throwable cause) {
        finished.fail(cause);
    }
}
