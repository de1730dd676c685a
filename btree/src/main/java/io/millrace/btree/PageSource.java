package io.millrace.btree;

import java.util.function.Consumer;

/** Where {@link TreeCheck} finds pages. */
interface PageSource {
    int pageSize();

    /**
     * What the page says of itself; {@link PageFacts#DAMAGED} if it can't be read or is no sound page.
     *
     * @param findings told what is wrong with the page by itself
     */
    PageFacts facts(long pageId, Consumer<String> findings);

    /** Copies a page of a long value; false if there is no such page. */
    boolean copyPart(long pageId, long target);

    /** Copies a page that is sound. */
    void copy(long pageId, long target);
}
