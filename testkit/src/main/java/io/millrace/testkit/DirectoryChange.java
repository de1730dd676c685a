package io.millrace.testkit;

import io.millrace.storage.StorageName;
import java.util.Map;
import java.util.Set;

/** A change of directory entries that has not been forced. Names the file by its content, so that order matters less. */
sealed interface DirectoryChange {

    /** The directories whose force makes it durable. */
    Set<String> directories();

    /** The names whose meaning it changes. */
    Set<String> names();

    /** Applies it to a set of entries that may have missed earlier changes. */
    void apply(Map<String, SimulatedContent> files, Set<String> directories);

    /** A new file. */
    record Create(String name, SimulatedContent content) implements DirectoryChange {

        @Override
        public Set<String> names() {
            return Set.of(name);
        }

        @Override
        public Set<String> directories() {
            return Set.of(StorageName.directoryOf(name));
        }

        @Override
        public void apply(Map<String, SimulatedContent> files, Set<String> directories) {
            if (!files.containsValue(content)) {
                files.put(name, content);
            }
        }
    }

    /** A file's name is gone. */
    record Delete(String name, SimulatedContent content) implements DirectoryChange {

        @Override
        public Set<String> names() {
            return Set.of(name);
        }

        @Override
        public Set<String> directories() {
            return Set.of(StorageName.directoryOf(name));
        }

        @Override
        public void apply(Map<String, SimulatedContent> files, Set<String> directories) {
            files.remove(name, content);
        }
    }

    /** A file has another name, and what had that name is gone, both or neither. */
    record Rename(String from, String to, SimulatedContent content) implements DirectoryChange {

        @Override
        public Set<String> names() {
            return from.equals(to) ? Set.of(from) : Set.of(from, to);
        }

        @Override
        public Set<String> directories() {
            String source = StorageName.directoryOf(from);
            String target = StorageName.directoryOf(to);
            return source.equals(target) ? Set.of(source) : Set.of(source, target);
        }

        @Override
        public void apply(Map<String, SimulatedContent> files, Set<String> directories) {
            files.values().removeIf(other -> other == content);
            files.put(to, content);
        }
    }

    /** A new sub-directory. */
    record CreateDirectory(String name) implements DirectoryChange {

        @Override
        public Set<String> names() {
            return Set.of(name);
        }

        @Override
        public Set<String> directories() {
            return Set.of("");
        }

        @Override
        public void apply(Map<String, SimulatedContent> files, Set<String> directories) {
            directories.add(name);
        }
    }
}
