package dev.sampan.serving.batching;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.tensor.BufferScope;
import dev.sampan.serving.tensor.Tensor;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Puts the rows of several requests together and takes the rows of a result apart. */
final class Rows {
    private Rows() {}

    /**
     * The rows of all requests one after the other, and the first row repeated up to {@code total} rows. Where shapes of rows
     * differ, the smaller ones are padded.
     */
    static Map<String, Tensor> join(List<Pending> batch, int total, BufferScope buffers) {
        var joined = new LinkedHashMap<String, Tensor>();
        for (var name : batch.getFirst().inputs.keySet()) {
            var parts = batch.stream()
                    .map(pending -> Objects.requireNonNull(pending.inputs.get(name)))
                    .toList();
            joined.put(name, concatenate(Padding.toOneShape(parts, buffers), total, buffers));
        }
        return joined;
    }

    private static Tensor concatenate(List<Tensor> parts, int total, BufferScope buffers) {
        var first = parts.getFirst();
        long[] shape = first.shape().clone();
        int perRow = (int) (Tensor.elements(shape) / shape[0]);
        shape[0] = total;
        if (first instanceof Tensor.Strings) {
            var values = new byte[total * perRow][];
            int at = 0;
            for (var part : parts) {
                var own = ((Tensor.Strings) part).values();
                System.arraycopy(own, 0, values, at, own.length);
                at += own.length;
            }
            for (; at < values.length; at++) {
                values[at] = values[at % perRow];
            }
            return new Tensor.Strings(shape, values);
        }
        int rowBytes = perRow * first.dtype().bytes();
        var data = buffers.take((long) total * rowBytes);
        int at = 0;
        for (var part : parts) {
            var own = (Tensor.Numeric) part;
            own.copyTo(data, at);
            at += own.bytes();
        }
        for (; at < data.limit(); at += rowBytes) {
            data.put(at, data, 0, rowBytes);
        }
        return new Tensor.Numeric(first.dtype(), shape, data);
    }

    /** Some rows of every tensor, where they lie: valid as long as the tensors are. */
    static Map<String, Tensor> view(Map<String, Tensor> tensors, int from, int rows) {
        var views = new LinkedHashMap<String, Tensor>();
        tensors.forEach((name, tensor) -> views.put(name, view(tensor, from, rows)));
        return views;
    }

    /** The same of the outputs of a batch. */
    static Map<String, Tensor> view(Map<String, Tensor> outputs, int total, int from, int rows) {
        outputs.forEach((name, tensor) -> requireRows(name, tensor, total));
        return view(outputs, from, rows);
    }

    private static Tensor view(Tensor tensor, int from, int rows) {
        long[] shape = tensor.shape().clone();
        int perRow = (int) (Tensor.elements(shape) / shape[0]);
        shape[0] = rows;
        return switch (tensor) {
            case Tensor.Strings strings ->
                new Tensor.Strings(shape, Arrays.copyOfRange(strings.values(), from * perRow, (from + rows) * perRow));
            case Tensor.Numeric numeric -> {
                int rowBytes = perRow * numeric.dtype().bytes();
                var data =
                        numeric.data().slice(from * rowBytes, rows * rowBytes).order(ByteOrder.nativeOrder());
                yield new Tensor.Numeric(numeric.dtype(), shape, data);
            }
        };
    }

    private static void requireRows(String name, Tensor output, int total) {
        if (output.shape().length == 0 || output.shape()[0] != total) {
            throw new ServingException(
                    Code.INTERNAL,
                    "Output '" + name + "' of a batch of " + total + " rows has shape "
                            + Tensor.describe(output.shape()));
        }
    }

    /**
     * Copies all rows of some tensors to a place among the rows of others.
     *
     * @param whole tensors of more rows and otherwise the same shapes
     */
    static void put(Map<String, Tensor> rows, Map<String, Tensor> whole, int firstRow) {
        rows.forEach((name, part) -> {
            switch (Objects.requireNonNull(whole.get(name))) {
                case Tensor.Strings target -> {
                    var own = ((Tensor.Strings) part).values();
                    int perRow = (int) (own.length / part.shape()[0]);
                    System.arraycopy(own, 0, target.values(), firstRow * perRow, own.length);
                }
                case Tensor.Numeric target -> {
                    var own = ((Tensor.Numeric) part).data();
                    int rowBytes = (int) (own.limit() / part.shape()[0]);
                    target.data().put(firstRow * rowBytes, own, 0, own.limit());
                }
            }
        });
    }

    /** Room for tensors of so many rows and otherwise the shapes of these. */
    static Map<String, Tensor> room(Map<String, Tensor> like, int total, BufferScope buffers) {
        var room = new LinkedHashMap<String, Tensor>();
        like.forEach((name, tensor) -> {
            long[] shape = tensor.shape().clone();
            shape[0] = total;
            long elements = Tensor.elements(shape);
            room.put(
                    name,
                    tensor instanceof Tensor.Strings
                            ? new Tensor.Strings(shape, new byte[Math.toIntExact(elements)][])
                            : new Tensor.Numeric(
                                    tensor.dtype(),
                                    shape,
                                    buffers.take(elements * tensor.dtype().bytes())));
        });
        return room;
    }

    /** Rows {@code from} to {@code from + rows} of every output, in buffers of the request they belong to. */
    static Map<String, Tensor> slice(Map<String, Tensor> outputs, int total, int from, int rows, BufferScope buffers) {
        var sliced = new LinkedHashMap<String, Tensor>();
        outputs.forEach((name, tensor) -> sliced.put(name, slice(name, tensor, total, from, rows, buffers)));
        return sliced;
    }

    private static Tensor slice(String name, Tensor tensor, int total, int from, int rows, BufferScope buffers) {
        requireRows(name, tensor, total);
        long[] shape = tensor.shape().clone();
        int perRow = (int) (Tensor.elements(shape) / total);
        shape[0] = rows;
        return switch (tensor) {
            case Tensor.Strings strings -> {
                var values = new byte[rows * perRow][];
                System.arraycopy(strings.values(), from * perRow, values, 0, values.length);
                yield new Tensor.Strings(shape, values);
            }
            case Tensor.Numeric numeric -> {
                int rowBytes = perRow * numeric.dtype().bytes();
                var data = buffers.take((long) rows * rowBytes);
                data.put(0, numeric.data(), from * rowBytes, rows * rowBytes);
                yield new Tensor.Numeric(numeric.dtype(), shape, data);
            }
        };
    }
}
