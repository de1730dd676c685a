package io.millrace.storage;

/** The shape of names in a {@link StorageDirectory}, checked alike by every implementation. */
public final class StorageName {

    private StorageName() {}

    /** Returns the name of a file or sub-directory, or throws {@link IllegalArgumentException}. */
    public static String check(String name) {
        int slash = name.indexOf('/');
        boolean legal =
                slash < 0 ? isPart(name) : isPart(name.substring(0, slash)) && isPart(name.substring(slash + 1));
        if (!legal) {
            throw new IllegalArgumentException("not a name inside a store directory: '" + name + "'");
        }
        return name;
    }

    /** Returns the name of a sub-directory, {@code ""} being the directory itself. */
    public static String checkDirectory(String name) {
        if (!name.isEmpty() && !isPart(name)) {
            throw new IllegalArgumentException("not a sub-directory of a store directory: '" + name + "'");
        }
        return name;
    }

    /** The sub-directory a name lies in, {@code ""} for the directory itself. */
    public static String directoryOf(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? "" : name.substring(0, slash);
    }

    private static boolean isPart(String part) {
        return !part.isEmpty()
                && !part.equals(".")
                && !part.equals("..")
                && part.indexOf('/') < 0
                && part.indexOf('\\') < 0
                && part.indexOf('\0') < 0;
    }
}
