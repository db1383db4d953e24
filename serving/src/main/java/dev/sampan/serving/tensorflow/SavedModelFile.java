package dev.sampan.serving.tensorflow;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistry;
import dev.sampan.serving.engine.ModelLoadException;
import dev.sampan.serving.proto.SignatureDef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tags and signatures of a {@code saved_model.pb}; the graphs in it are skipped without being read into memory.
 *
 * @param graphs that it holds
 */
record SavedModelFile(List<Graph> graphs) {
    static final String NAME = "saved_model.pb";

    /** Numbers of fields in SavedModel, MetaGraphDef, MetaInfoDef and the entry of a map. */
    private static final int META_GRAPHS = 2;

    private static final int META_INFO = 1;
    private static final int TAGS = 4;
    private static final int SIGNATURES = 5;
    private static final int KEY = 1;
    private static final int VALUE = 2;

    /** A graph with its tags, and its signatures by name. */
    record Graph(List<String> tags, Map<String, SignatureDef> signatures) {}

    static SavedModelFile read(Path folder) throws ModelLoadException {
        var file = folder.resolve(NAME);
        try (var in = Files.newInputStream(file)) {
            var graphs = new ArrayList<Graph>();
            var coded = CodedInputStream.newInstance(in);
            coded.setSizeLimit(Integer.MAX_VALUE);
            fields(coded, META_GRAPHS, () -> graphs.add(graph(coded)));
            return new SavedModelFile(graphs);
        } catch (IOException e) {
            throw new ModelLoadException(file + " is not a SavedModel: " + e.getMessage(), e);
        }
    }

    /**
     * The signatures of the graph that has this tag.
     *
     * @throws ModelLoadException if there is none
     */
    Map<String, SignatureDef> signatures(String tag) throws ModelLoadException {
        for (var graph : graphs) {
            if (graph.tags().contains(tag)) {
                return graph.signatures();
            }
        }
        throw new ModelLoadException("the SavedModel has no graph with tag '" + tag + "', it has "
                + graphs.stream().map(Graph::tags).toList() + "; see --saved_model_tags");
    }

    private static Graph graph(CodedInputStream in) throws IOException {
        var tags = new ArrayList<String>();
        var signatures = new TreeMap<String, SignatureDef>();
        message(in, () -> {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag >>> 3) {
                    case META_INFO -> message(in, () -> fields(in, TAGS, () -> tags.add(in.readString())));
                    case SIGNATURES -> message(in, () -> signature(in, signatures));
                    default -> in.skipField(tag);
                }
            }
        });
        return new Graph(tags, signatures);
    }

    private static void signature(CodedInputStream in, Map<String, SignatureDef> signatures) throws IOException {
        var name = "";
        var value = SignatureDef.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> 3) {
                case KEY -> name = in.readString();
                case VALUE -> in.readMessage(value, ExtensionRegistry.getEmptyRegistry());
                default -> in.skipField(tag);
            }
        }
        signatures.put(name, value.build());
    }

    /** Reads of a part of the stream. */
    private interface Reading {
        void read() throws IOException;
    }

    /** Reads every field of that number, and skips the others. */
    private static void fields(CodedInputStream in, int number, Reading reading) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag >>> 3 == number) {
                reading.read();
            } else {
                in.skipField(tag);
            }
        }
    }

    private static void message(CodedInputStream in, Reading reading) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        reading.read();
        in.popLimit(end);
    }
}
