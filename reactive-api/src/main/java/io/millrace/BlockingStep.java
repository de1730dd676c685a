package io.millrace;

import io.millrace.common.Completion;
import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.function.Function;

/** Runs a step to its end and waits for it; engine threads only (opening a store). */
final class BlockingStep extends Operation {
    private final Function<Workspace, Step> step;
    private final Completion finished;

    BlockingStep(OperationContext context, Function<Workspace, Step> step) {
        super(context);
        finished = new Completion(context.engine().threads());
        this.step = step;
    }

    void await() {
        start();
        finished.await();
    }

    @Override
    protected Step step(Workspace workspace) {
        return step.apply(workspace);
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
