package io.millrace.btree;

/**
 * Something that is wrong with a page of the data file.
 *
 * @param pageId the page
 * @param path how it is reached: the tree and the pages from its root on; empty if it is not
 * @param what what is wrong
 */
public record Finding(long pageId, String path, String what) {
    @Override
    public String toString() {
        return "page " + pageId + (path.isEmpty() ? " " : " (" + path + ") ") + what;
    }
}
