package dev.sampan.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** SavedModels that TensorFlow Java writes. */
final class SavedModels {
    private SavedModels() {}

    /** The folder that TensorFlow Java has unpacked TensorFlow's library into. */
    static Path library() {
        var version = org.tensorflow.TensorFlow.version();
        try (var files = Files.walk(Path.of(System.getProperty("org.bytedeco.javacpp.cachedir")))) {
            return files.filter(file -> file.endsWith("libtensorflow_cc.so.2"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("TensorFlow " + version + " was not unpacked"))
                    .getParent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A linear model with trained variables and four signatures: {@code serving_default} from rows {@code x} of two floats to
     * {@code y = 2 x0 + 3 x1 + 1}, {@code upper} of strings, {@code classify} and {@code regress} of serialized examples.
     */
    static void linear(Path folder) throws IOException {
        try (var graph = new Graph();
                var session = new Session(graph)) {
            var tf = Ops.create(graph);
            var weights = tf.withName("weights").variable(tf.constant(new float[][] {{2}, {3}}));
            var bias = tf.withName("bias").variable(tf.constant(new float[] {1}));
            var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
            var y = tf.math.add(tf.linalg.matMul(x, weights), bias);
            var texts = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            var upper = tf.strings.upper(texts);
            var lengths = tf.strings.stringLength(texts);
            var examples = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
            var parsed = parsed(tf, examples);
            var score = tf.math.add(tf.linalg.matMul(parsed, weights), bias);
            var scores = tf.concat(List.of(score, tf.math.neg(score)), tf.constant(1));
            var count = tf.reshape(tf.shape(score, TInt64.class), tf.constant(new int[] {2}));
            var rows = tf.slice(count, tf.constant(new long[] {0}), tf.constant(new long[] {1}));
            var classes = tf.tile(
                    tf.constantOf(TString.tensorOf(StdArrays.ndCopyOf(new String[][] {{"up", "down"}}))),
                    tf.concat(List.of(rows, tf.constant(new long[] {1})), tf.constant(0)));
            session.initialize();
            SavedModelBundle.exporter(folder.toString())
                    .withSession(session)
                    .withSignatures(
                            signature("serving_default", "predict", x, "x", y, "y")
                                    .build(),
                            signature("upper", "predict", texts, "texts", upper, "upper")
                                    .output("lengths", lengths)
                                    .build(),
                            signature("classify", "classify", examples, "inputs", scores, "scores")
                                    .output("classes", classes)
                                    .build(),
                            signature("regress", "regress", examples, "inputs", score, "outputs")
                                    .build())
                    .export();
        }
    }

    private static Signature.Builder signature(
            String key, String method, Operand<?> input, String inputName, Operand<?> output, String outputName) {
        return Signature.builder(key)
                .methodName("tensorflow/serving/" + method)
                .input(inputName, input)
                .output(outputName, output);
    }

    private static Operand<TFloat32> parsed(Ops tf, Operand<TString> examples) {
        var names = tf.constantOf(TString.vectorOf("x"));
        var none = tf.slice(names, tf.constant(new int[] {0}), tf.constant(new int[] {0}));
        var parsed = tf.io.parseExample(
                examples,
                none,
                none,
                names,
                none,
                List.of(tf.constant(new float[0])),
                0L,
                List.of(),
                List.of(),
                List.of(),
                List.of(Shape.of(2)));
        return parsed.denseValues().getFirst().asOutput().expect(TFloat32.class);
    }

    /** For each type a signature of its name, from {@code x} of any shape to the same {@code y}. */
    static void identities(Path folder, List<DataType> types) throws IOException {
        var definition = GraphDef.newBuilder();
        var anyShape = TensorShapeProto.newBuilder().setUnknownRank(true);
        for (var type : types) {
            var attribute = AttrValue.newBuilder().setType(type).build();
            definition.addNode(NodeDef.newBuilder()
                    .setName("x_" + type)
                    .setOp("Placeholder")
                    .putAttr("dtype", attribute)
                    .putAttr("shape", AttrValue.newBuilder().setShape(anyShape).build()));
            definition.addNode(NodeDef.newBuilder()
                    .setName("y_" + type)
                    .setOp("Identity")
                    .addInput("x_" + type)
                    .putAttr("T", attribute));
        }
        try (var graph = new Graph();
                var session = new Session(graph)) {
            graph.importGraphDef(definition.build());
            // An exporter wants variables.
            var tf = Ops.create(graph);
            tf.withName("unused").variable(tf.constant(1f));
            session.initialize();
            var signatures = new ArrayList<Signature>();
            for (var type : types) {
                signatures.add(Signature.builder(type.name())
                        .methodName("tensorflow/serving/predict")
                        .input("x", graph.operationOrThrow("x_" + type).output(0))
                        .output("y", graph.operationOrThrow("y_" + type).output(0))
                        .build());
            }
            SavedModelBundle.exporter(folder.toString())
                    .withSession(session)
                    .withSignatures(signatures.toArray(Signature[]::new))
                    .export();
        }
    }
}
