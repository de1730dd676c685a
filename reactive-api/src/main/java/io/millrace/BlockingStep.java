package io.millrace;

import io.millrace.txn.Operation;
import io.millrace.txn.OperationContext;
import io.millrace.txn.Step;
import io.millrace.txn.Workspace;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** Runs a step to its end and waits for it; engine threads only (opening a store). */
final class BlockingStep extends Operation {
    private final Function<Workspace, Step> step;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    BlockingStep(OperationContext context, Function<Workspace, Step> step) {
        super(context);
        this.step = step;
    }

    void await() {
        start();
        try {
            finished.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException) {
                throw (RuntimeException) failure.getCause();
            }
            throw failure;
        }
    }

    @Override
    protected Step step(Workspace workspace) {
        return step.apply(workspace);
    }

    @Override
    protected void done() {
        finished.complete(null);
    }

    @Override
    protected void failed(Throwable cause) {
        finished.completeExceptionally(cause);
    }
}
