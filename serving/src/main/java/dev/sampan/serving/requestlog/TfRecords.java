package dev.sampan.serving.requestlog;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * TensorFlow's record format: length (8 bytes, little-endian), its checksum, data, their checksum; a checksum is a masked
 * CRC-32C.
 */
public final class TfRecords {
    private static final int HEADER = Long.BYTES + Integer.BYTES;
    private static final int MAX_BYTES = Integer.MAX_VALUE - 16;
    private static final int MASK_DELTA = 0xa282ead8;

    private TfRecords() {}

    /** A record with its frame. */
    public static byte[] frame(byte[] data) {
        var out = ByteBuffer.allocate(HEADER + data.length + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(data.length);
        out.putInt(checksum(out.array(), 0, Long.BYTES));
        out.put(data);
        out.putInt(checksum(data, 0, data.length));
        return out.array();
    }

    /**
     * Reads records.
     *
     * @param most no more than so many are read
     * @throws IOException if a record is damaged or cut short
     */
    public static List<byte[]> read(InputStream in, int most) throws IOException {
        var records = new ArrayList<byte[]>();
        while (records.size() < most) {
            var header = in.readNBytes(HEADER);
            if (header.length == 0) {
                return records;
            }
            records.add(data(in, header, records.size()));
        }
        return records;
    }

    private static byte[] data(InputStream in, byte[] header, int index) throws IOException {
        if (header.length < HEADER) {
            throw new EOFException("record " + index + " is cut short");
        }
        var fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        long length = fields.getLong();
        if (fields.getInt() != checksum(header, 0, Long.BYTES) || length < 0 || length > MAX_BYTES) {
            throw new IOException("record " + index + " has a damaged length");
        }
        var data = in.readNBytes((int) length);
        var end = in.readNBytes(Integer.BYTES);
        if (data.length < length || end.length < Integer.BYTES) {
            throw new EOFException("record " + index + " is cut short");
        }
        if (ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt() != checksum(data, 0, data.length)) {
            throw new IOException("record " + index + " has damaged data");
        }
        return data;
    }

    private static int checksum(byte[] bytes, int from, int length) {
        var crc = new CRC32C();
        crc.update(bytes, from, length);
        int value = (int) crc.getValue();
        return Integer.rotateRight(value, 15) + MASK_DELTA;
    }
}
