package dev.sampan.models.train;

import dev.sampan.models.network.Network;
import dev.sampan.models.network.Optimizer;
import java.nio.ByteBuffer;

/** Everything that the rest of a training depends on, as bytes: epochs done, optimizer steps, parameters, optimizer state. */
final class TrainingState {
    private TrainingState() {}

    static byte[] encode(int epochsDone, Network network, Optimizer optimizer) {
        var state = optimizer.state();
        int floats = network.parameters().length * (1 + state.length);
        var buffer = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + floats * Float.BYTES);
        buffer.putInt(epochsDone).putLong(optimizer.steps());
        put(buffer, network.parameters());
        for (var array : state) {
            put(buffer, array);
        }
        return buffer.array();
    }

    /**
     * Brings network and optimizer into the given state.
     *
     * @return number of epochs done
     */
    static int decode(byte[] bytes, Network network, Optimizer optimizer) {
        var buffer = ByteBuffer.wrap(bytes);
        int epochsDone = buffer.getInt();
        optimizer.resumeAt(buffer.getLong());
        get(buffer, network.parameters());
        for (var array : optimizer.state()) {
            get(buffer, array);
        }
        return epochsDone;
    }

    private static void put(ByteBuffer buffer, float[] values) {
        buffer.asFloatBuffer().put(values);
        buffer.position(buffer.position() + values.length * Float.BYTES);
    }

    private static void get(ByteBuffer buffer, float[] values) {
        buffer.asFloatBuffer().get(values);
        buffer.position(buffer.position() + values.length * Float.BYTES);
    }
}
