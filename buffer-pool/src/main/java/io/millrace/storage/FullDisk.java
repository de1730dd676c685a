package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tells a full disk from other failures. The JDK passes on no error number, so this is the one place where the text of a
 * message is looked at. The text depends on the locale of the process; a write to {@code /dev/full}, where there is one,
 * teaches it.
 */
final class FullDisk {

    private static final String NO_SPACE = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";
    private static final String LOCAL_NO_SPACE = learn();

    private FullDisk() {}

    /** The same failure, as a {@link NoSpaceException} if it is one. */
    static IOException translate(String path, IOException failure) {
        String text = failure.getMessage();
        boolean full =
                text != null && (text.contains(NO_SPACE) || text.contains(QUOTA) || text.contains(LOCAL_NO_SPACE));
        return full ? new NoSpaceException(path, failure) : failure;
    }

    private static String learn() {
        try (FileChannel channel = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1));
        } catch (FileSystemException noSuchDevice) {
            return NO_SPACE;
        } catch (IOException full) {
            String text = full.getMessage();
            return text == null || text.isBlank() ? NO_SPACE : text;
        }
        return NO_SPACE;
    }
}
