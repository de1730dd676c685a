package io.millrace.error;

/** A budget of the store is used up, waiting places included. Nothing was done: back off and try later. */
public final class StoreOverloadedException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String resource;

    /** What has run out, in words, with its setting if it has one. */
    public StoreOverloadedException(String resource) {
        super("the store is overloaded, no more " + resource + ": nothing was done, try again later");
        this.resource = resource;
    }

    public String resource() {
        return resource;
    }
}
