package dev.sampan.models.train;

import dev.sampan.models.format.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file from which an interrupted training goes on: magic, the run's settings, state, checksum. It exists only while a
 * training is unfinished.
 */
final class Checkpoint {
    private static final int MAGIC = 0x53434b31; // "SCK1"
    static final String FILE = "checkpoint.bin";

    private final Path file;
    private final byte[] settings;

    /** @param settings what must be the same for the state to fit: model, data, batch size, optimizer, seed */
    Checkpoint(Path folder, String settings) {
        this.file = folder.resolve(FILE);
        this.settings = settings.getBytes(StandardCharsets.UTF_8);
    }

    void write(byte[] state) throws IOException {
        var buffer = ByteBuffer.allocate(Integer.BYTES * 3 + settings.length + state.length + Long.BYTES);
        buffer.putInt(MAGIC)
                .putInt(settings.length)
                .put(settings)
                .putInt(state.length)
                .put(state);
        buffer.putLong(checksum(buffer.array(), buffer.position()));
        AtomicFiles.write(file, buffer.array());
    }

    /**
     * The state of an interrupted run with the same settings.
     *
     * @param expectedLength length of a state of this run
     * @return null if there is no checkpoint
     * @throws IOException if there is one that is damaged or of another run
     */
    byte @Nullable [] read(int expectedLength) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        var bytes = Files.readAllBytes(file);
        var buffer = ByteBuffer.wrap(bytes);
        if (bytes.length < Integer.BYTES * 3 + Long.BYTES
                || buffer.getInt() != MAGIC
                || buffer.getLong(bytes.length - Long.BYTES) != checksum(bytes, bytes.length - Long.BYTES)) {
            throw new IOException(file + " is damaged; start over with --fresh");
        }
        var written = new byte[buffer.getInt()];
        buffer.get(written);
        if (!Arrays.equals(written, settings) || buffer.getInt() != expectedLength) {
            throw new IOException(file + " belongs to an unfinished training with other settings ("
                    + new String(written, StandardCharsets.UTF_8)
                    + "); finish that, use another --out, or start over with"
                    + " --fresh");
        }
        var state = new byte[expectedLength];
        buffer.get(state);
        return state;
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    private static long checksum(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return crc.getValue();
    }
}
