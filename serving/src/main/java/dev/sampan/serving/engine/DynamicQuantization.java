package dev.sampan.serving.engine;

import dev.sampan.serving.wire.ProtoReader;
import dev.sampan.serving.wire.WireException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Tells whether an ONNX model quantizes while it runs: {@code DynamicQuantizeLinear} and its relatives take one scale from the
 * smallest and largest value of the whole batch, so that a row's result depends on the rows beside it. Only the structure of
 * the file is read; weights are passed over.
 */
final class DynamicQuantization {
    private static final String OPERATORS = "DynamicQuantize";
    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_FUNCTIONS = 25;
    private static final int GRAPH_NODE = 1;
    private static final int FUNCTION_NODE = 7;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_GRAPH = 6;
    private static final int ATTRIBUTE_GRAPHS = 11;

    private DynamicQuantization() {}

    /** Whether the model in a file does. */
    static boolean in(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ);
                var arena = Arena.ofConfined()) {
            // A larger file is none of protobuf's: its weights would have to be in files of their own.
            return channel.size() <= Integer.MAX_VALUE
                    && in(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena)
                            .asByteBuffer());
        }
    }

    /** Whether the model does; false for what is no ONNX file but some other form that the runtime takes. */
    static boolean in(ByteBuffer model) {
        try {
            return model(new ProtoReader(model));
        } catch (WireException e) {
            return false;
        }
    }

    private static boolean model(ProtoReader in) {
        boolean found = false;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case MODEL_GRAPH -> found |= nodes(in, GRAPH_NODE);
                case MODEL_FUNCTIONS -> found |= nodes(in, FUNCTION_NODE);
                default -> in.skip(tag);
            }
        }
        return found;
    }

    /** @param field in which the nodes are */
    private static boolean nodes(ProtoReader in, int field) {
        int outer = in.enter();
        boolean found = false;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (ProtoReader.number(tag) == field) {
                found |= node(in);
            } else {
                in.skip(tag);
            }
        }
        in.leave(outer);
        return found;
    }

    private static boolean node(ProtoReader in) {
        int outer = in.enter();
        boolean found = false;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case NODE_OPERATOR -> found |= in.string().startsWith(OPERATORS);
                case NODE_ATTRIBUTE -> found |= attribute(in);
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        return found;
    }

    /** Branches and loops have graphs of their own. */
    private static boolean attribute(ProtoReader in) {
        int outer = in.enter();
        boolean found = false;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (ProtoReader.number(tag)) {
                case ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS -> found |= nodes(in, GRAPH_NODE);
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        return found;
    }
}
