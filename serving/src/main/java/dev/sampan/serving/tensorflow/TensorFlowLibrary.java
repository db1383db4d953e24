package dev.sampan.serving.tensorflow;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.sampan.serving.engine.ModelLoadException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The functions of TensorFlow's C library ({@code tensorflow/c/c_api.h}) that serving needs, each under its own name.
 * Thread-safe. The library stays open for the life of the process: it cannot be closed.
 */
final class TensorFlowLibrary {
    /** The library; it finds {@code libtensorflow_framework.so.2} beside itself. */
    static final String FILE = "libtensorflow_cc.so.2";

    /** A pointer to an operation and the number of one of its outputs. */
    static final MemoryLayout OUTPUT = MemoryLayout.structLayout(ADDRESS, JAVA_INT, MemoryLayout.paddingLayout(4));

    /** Size of a string in a tensor. */
    static final long STRING_BYTES = 24;

    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup symbols;
    private final String version;
    final MethodHandle newStatus;
    final MethodHandle deleteStatus;
    final MethodHandle getCode;
    final MethodHandle message;
    final MethodHandle newSessionOptions;
    final MethodHandle setConfig;
    final MethodHandle deleteSessionOptions;
    final MethodHandle newGraph;
    final MethodHandle deleteGraph;
    final MethodHandle operationByName;
    final MethodHandle loadSession;
    final MethodHandle closeSession;
    final MethodHandle deleteSession;
    final MethodHandle run;
    final MethodHandle allocateTensor;
    final MethodHandle deleteTensor;
    final MethodHandle tensorType;
    final MethodHandle dimensions;
    final MethodHandle dimension;
    final MethodHandle byteSize;
    final MethodHandle data;
    final MethodHandle stringInit;
    final MethodHandle stringCopy;
    final MethodHandle stringData;
    final MethodHandle stringSize;
    final MethodHandle stringFree;

    private TensorFlowLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        newStatus = function("TF_NewStatus", ADDRESS);
        deleteStatus = procedure("TF_DeleteStatus", ADDRESS);
        getCode = function("TF_GetCode", JAVA_INT, ADDRESS);
        message = function("TF_Message", ADDRESS, ADDRESS);
        newSessionOptions = function("TF_NewSessionOptions", ADDRESS);
        setConfig = procedure("TF_SetConfig", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
        deleteSessionOptions = procedure("TF_DeleteSessionOptions", ADDRESS);
        newGraph = function("TF_NewGraph", ADDRESS);
        deleteGraph = procedure("TF_DeleteGraph", ADDRESS);
        operationByName = function("TF_GraphOperationByName", ADDRESS, ADDRESS, ADDRESS);
        loadSession = function(
                "TF_LoadSessionFromSavedModel",
                ADDRESS,
                ADDRESS,
                ADDRESS,
                ADDRESS,
                ADDRESS,
                JAVA_INT,
                ADDRESS,
                ADDRESS,
                ADDRESS);
        closeSession = procedure("TF_CloseSession", ADDRESS, ADDRESS);
        deleteSession = procedure("TF_DeleteSession", ADDRESS, ADDRESS);
        run = procedure(
                "TF_SessionRun",
                ADDRESS,
                ADDRESS,
                ADDRESS,
                ADDRESS,
                JAVA_INT,
                ADDRESS,
                ADDRESS,
                JAVA_INT,
                ADDRESS,
                JAVA_INT,
                ADDRESS,
                ADDRESS);
        allocateTensor = function("TF_AllocateTensor", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
        deleteTensor = procedure("TF_DeleteTensor", ADDRESS);
        tensorType = function("TF_TensorType", JAVA_INT, ADDRESS);
        dimensions = function("TF_NumDims", JAVA_INT, ADDRESS);
        dimension = function("TF_Dim", JAVA_LONG, ADDRESS, JAVA_INT);
        byteSize = function("TF_TensorByteSize", JAVA_LONG, ADDRESS);
        data = function("TF_TensorData", ADDRESS, ADDRESS);
        stringInit = procedure("TF_StringInit", ADDRESS);
        stringCopy = procedure("TF_StringCopy", ADDRESS, ADDRESS, JAVA_LONG);
        stringData = function("TF_StringGetDataPointer", ADDRESS, ADDRESS);
        stringSize = function("TF_StringGetSize", JAVA_LONG, ADDRESS);
        stringFree = procedure("TF_StringDealloc", ADDRESS);
        version =
                text(call(() -> (MemorySegment) function("TF_Version", ADDRESS).invokeExact()));
    }

    /**
     * Opens the library.
     *
     * @param folder that holds it
     * @throws ModelLoadException if it is not there or does not open
     */
    static TensorFlowLibrary open(Path folder) throws ModelLoadException {
        var file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new ModelLoadException("a SavedModel needs TensorFlow, which is not in " + folder
                    + "; install it with `sampan engine install tensorflow`, name the folder of " + FILE
                    + " with --tensorflow_library_dir, or convert the model to ONNX");
        }
        silence();
        try {
            return new TensorFlowLibrary(SymbolLookup.libraryLookup(file.toRealPath(), Arena.global()));
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new ModelLoadException("TensorFlow's library " + file + " does not open: " + e.getMessage(), e);
        }
    }

    /** Errors come back as statuses; the library's notes on processors and plug-ins would only fill the log. */
    private static void silence() {
        var setenv = LINKER.defaultLookup().find("setenv");
        if (setenv.isPresent()) {
            var handle =
                    LINKER.downcallHandle(setenv.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
            try (var arena = Arena.ofConfined()) {
                var name = arena.allocateFrom("TF_CPP_MIN_LOG_LEVEL");
                var value = arena.allocateFrom("2");
                var unused = call(() -> (int) handle.invokeExact(name, value, 0));
            }
        }
    }

    /** TensorFlow's version. */
    String version() {
        return version;
    }

    private MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(result, arguments));
    }

    private MethodHandle procedure(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(symbol(name), FunctionDescriptor.ofVoid(arguments));
    }

    private MemorySegment symbol(String name) {
        return symbols.find(name).orElseThrow(() -> new IllegalStateException("it has no function " + name));
    }

    /** A call of a C function, which throws nothing. */
    interface Call<T> {
        T invoke() throws Throwable;
    }

    /** The same without a result. */
    interface Procedure {
        void invoke() throws Throwable;
    }

    static <T> T call(Call<T> call) {
        try {
            return call.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static void perform(Procedure call) {
        boolean unused = call(() -> {
            call.invoke();
            return true;
        });
    }

    /** A C string. */
    static String text(MemorySegment pointer) {
        return pointer.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Whether a call went well, and why not; to be closed. */
    final class Status implements AutoCloseable {
        final MemorySegment pointer = call(() -> (MemorySegment) newStatus.invokeExact());

        int code() {
            return call(() -> (int) getCode.invokeExact(pointer));
        }

        String text() {
            return TensorFlowLibrary.text(call(() -> (MemorySegment) message.invokeExact(pointer)));
        }

        @Override
        public void close() {
            perform(() -> {
                deleteStatus.invokeExact(pointer);
            });
        }
    }

    /** A loaded SavedModel: its graph, and the session that runs it. */
    record Session(MemorySegment graph, MemorySegment session) {}

    /**
     * Loads a SavedModel.
     *
     * @param config a serialized {@code ConfigProto}
     */
    Session load(Path folder, String tag, byte[] config) throws ModelLoadException {
        try (var status = new Status();
                var arena = Arena.ofConfined()) {
            var options = call(() -> (MemorySegment) newSessionOptions.invokeExact());
            var graph = call(() -> (MemorySegment) newGraph.invokeExact());
            try {
                var proto = arena.allocateFrom(ValueLayout.JAVA_BYTE, config);
                perform(() -> {
                    setConfig.invokeExact(options, proto, (long) config.length, status.pointer);
                });
                var path = arena.allocateFrom(folder.toString());
                var tags = arena.allocateFrom(ADDRESS, arena.allocateFrom(tag));
                var none = MemorySegment.NULL;
                var session = status.code() != 0
                        ? none
                        : call(() -> (MemorySegment)
                                loadSession.invokeExact(options, none, path, tags, 1, graph, none, status.pointer));
                if (status.code() != 0) {
                    perform(() -> {
                        deleteGraph.invokeExact(graph);
                    });
                    throw new ModelLoadException("TensorFlow " + version + ": " + status.text());
                }
                return new Session(graph, session);
            } finally {
                perform(() -> {
                    deleteSessionOptions.invokeExact(options);
                });
            }
        }
    }

    void close(Session session) {
        try (var status = new Status()) {
            perform(() -> {
                closeSession.invokeExact(session.session, status.pointer);
            });
            perform(() -> {
                deleteSession.invokeExact(session.session, status.pointer);
            });
            perform(() -> {
                deleteGraph.invokeExact(session.graph);
            });
        }
    }
}
