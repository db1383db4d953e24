package dev.sampan.serving.v2;

import dev.sampan.serving.engine.LoadedModel;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.metrics.VersionStatistics;
import dev.sampan.serving.servable.ModelSpec;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.servable.VersionState;
import dev.sampan.serving.servable.VersionStatus;
import dev.sampan.serving.tensor.DType;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.TensorSpec;
import dev.sampan.serving.v2.proto.DataType;
import dev.sampan.serving.v2.proto.InferBatchStatistics;
import dev.sampan.serving.v2.proto.InferStatistics;
import dev.sampan.serving.v2.proto.ModelConfig;
import dev.sampan.serving.v2.proto.ModelInput;
import dev.sampan.serving.v2.proto.ModelMetadataResponse;
import dev.sampan.serving.v2.proto.ModelOutput;
import dev.sampan.serving.v2.proto.ModelStatistics;
import dev.sampan.serving.v2.proto.ModelStatisticsResponse;
import dev.sampan.serving.v2.proto.RepositoryIndexResponse;
import dev.sampan.serving.v2.proto.ServerMetadataResponse;
import dev.sampan.serving.v2.proto.StatisticDuration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the server tells of itself and its models, as the protocol's messages; REST prints the same ones. */
final class Documents {
    private static final List<String> EXTENSIONS = List.of(
            "binary_tensor_data",
            "classification",
            "model_configuration",
            "model_repository",
            "schedule_policy",
            "statistics");

    private final ServableManager manager;
    private final ServingMetrics metrics;
    private final int maxBatchRows;

    /** @param maxBatchRows largest batch; 0 if requests are not batched */
    Documents(ServableManager manager, ServingMetrics metrics, int maxBatchRows) {
        this.manager = manager;
        this.metrics = metrics;
        this.maxBatchRows = maxBatchRows;
    }

    static ServerMetadataResponse server() {
        var version = Documents.class.getPackage().getImplementationVersion();
        return ServerMetadataResponse.newBuilder()
                .setName("sampan")
                .setVersion(version == null ? "development" : version)
                .addAllExtensions(EXTENSIONS)
                .build();
    }

    /** Whether a version can answer. */
    boolean ready(String model, String version) {
        try {
            return manager.available(InferenceService.spec(model, version)) >= 0;
        } catch (ServingException e) {
            return false;
        }
    }

    ModelMetadataResponse model(String model, String version) {
        try (var handle = manager.acquire(InferenceService.spec(model, version))) {
            var signature = InferenceService.signature(handle.model().signatures(), "");
            var document = ModelMetadataResponse.newBuilder()
                    .setName(model)
                    .setPlatform(handle.model().platform());
            available(model).forEach(number -> document.addVersions(Long.toString(number)));
            signature.inputs().forEach(spec -> document.addInputs(metadata(spec)));
            signature.outputs().forEach(spec -> document.addOutputs(metadata(spec)));
            return document.build();
        }
    }

    private List<Long> available(String model) {
        return manager.status(ModelSpec.latest(model)).stream()
                .filter(status -> status.state() == VersionState.AVAILABLE)
                .map(VersionStatus::version)
                .sorted()
                .toList();
    }

    private static ModelMetadataResponse.TensorMetadata metadata(TensorSpec spec) {
        var tensor = ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(spec.name())
                .setDatatype(spec.dtype().v2Name());
        for (long size : spec.shape()) {
            tensor.addShape(size);
        }
        if (spec.anyRank()) {
            tensor.addShape(-1);
        }
        return tensor.build();
    }

    /** The configuration as far as there is one. Where requests are batched, shapes are those of one row, as in Triton. */
    ModelConfig config(String model, String version) {
        try (var handle = manager.acquire(InferenceService.spec(model, version))) {
            LoadedModel loaded = handle.model();
            var signature = InferenceService.signature(loaded.signatures(), "");
            boolean batched = maxBatchRows > 0 && batchable(signature);
            int from = batched ? 1 : 0;
            var config = ModelConfig.newBuilder()
                    .setName(model)
                    .setPlatform(loaded.platform())
                    .setBackend(loaded.platform().replaceAll("_.*", ""))
                    .setMaxBatchSize(batched ? maxBatchRows : 0);
            for (var spec : signature.inputs()) {
                config.addInput(ModelInput.newBuilder()
                        .setName(spec.name())
                        .setDataType(type(spec.dtype()))
                        .addAllDims(dims(spec, from)));
            }
            for (var spec : signature.outputs()) {
                config.addOutput(ModelOutput.newBuilder()
                        .setName(spec.name())
                        .setDataType(type(spec.dtype()))
                        .addAllDims(dims(spec, from)));
            }
            if (batched) {
                config.getDynamicBatchingBuilder().setPriorityLevels(8).setDefaultPriorityLevel(4);
            }
            return config.build();
        }
    }

    private static boolean batchable(Signature signature) {
        return signature.inputs().stream().allMatch(Documents::anySize)
                && signature.outputs().stream().allMatch(Documents::anySize);
    }

    private static boolean anySize(TensorSpec spec) {
        return spec.shape().length > 0 && spec.shape()[0] < 0;
    }

    private static List<Long> dims(TensorSpec spec, int from) {
        var dims = new ArrayList<Long>();
        for (int i = from; i < spec.shape().length; i++) {
            dims.add(spec.shape()[i]);
        }
        return dims;
    }

    private static DataType type(DType dtype) {
        return switch (dtype) {
            case FLOAT -> DataType.TYPE_FP32;
            case DOUBLE -> DataType.TYPE_FP64;
            case HALF -> DataType.TYPE_FP16;
            case BFLOAT16 -> DataType.TYPE_BF16;
            case INT8 -> DataType.TYPE_INT8;
            case INT16 -> DataType.TYPE_INT16;
            case INT32 -> DataType.TYPE_INT32;
            case INT64 -> DataType.TYPE_INT64;
            case UINT8 -> DataType.TYPE_UINT8;
            case UINT16 -> DataType.TYPE_UINT16;
            case UINT32 -> DataType.TYPE_UINT32;
            case UINT64 -> DataType.TYPE_UINT64;
            case BOOL -> DataType.TYPE_BOOL;
            case STRING -> DataType.TYPE_STRING;
        };
    }

    /** Of one model or, if the name is empty, of all; of one version or, if that is empty, of all available ones. */
    ModelStatisticsResponse statistics(String model, String version) {
        Collection<String> names = model.isEmpty() ? manager.availableModels() : List.of(model);
        var document = ModelStatisticsResponse.newBuilder();
        for (var name : names) {
            if (version.isEmpty()) {
                available(name).forEach(number -> document.addModelStats(statistics(name, number)));
            } else {
                document.addModelStats(statistics(name, manager.available(InferenceService.spec(name, version))));
            }
        }
        return document.build();
    }

    private ModelStatistics statistics(String model, long version) {
        var done = metrics.statistics(model, version);
        var document = ModelStatistics.newBuilder()
                .setName(model)
                .setVersion(Long.toString(version))
                .setLastInference(done.lastMillis())
                .setInferenceCount(done.rows())
                .setExecutionCount(done.executions())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(duration(done.success()))
                        .setFail(duration(done.fail()))
                        .setQueue(duration(done.queue()))
                        .setComputeInput(duration(done.stages().input))
                        .setComputeInfer(duration(done.stages().infer))
                        .setComputeOutput(duration(done.stages().output)));
        done.bySize()
                .forEach((size, stages) -> document.addBatchStats(InferBatchStatistics.newBuilder()
                        .setBatchSize(size)
                        .setComputeInput(duration(stages.input))
                        .setComputeInfer(duration(stages.infer))
                        .setComputeOutput(duration(stages.output))));
        return document.build();
    }

    private static StatisticDuration duration(VersionStatistics.Total total) {
        return StatisticDuration.newBuilder()
                .setCount(total.count())
                .setNs(total.nanos())
                .build();
    }

    /** All models that the server has heard of. */
    RepositoryIndexResponse index(boolean onlyReady) {
        var document = RepositoryIndexResponse.newBuilder();
        for (var model : manager.models().stream().sorted().toList()) {
            var versions = manager.versions(model);
            for (var status : versions) {
                if (!onlyReady || status.state() == VersionState.AVAILABLE) {
                    document.addModels(RepositoryIndexResponse.ModelIndex.newBuilder()
                            .setName(model)
                            .setVersion(Long.toString(status.version()))
                            .setState(state(status.state()))
                            .setReason(
                                    status.state() == VersionState.END
                                                    && status.message().isEmpty()
                                            ? "unloaded"
                                            : status.message()));
                }
            }
            if (versions.isEmpty() && !onlyReady) {
                document.addModels(RepositoryIndexResponse.ModelIndex.newBuilder()
                        .setName(model)
                        .setState("UNAVAILABLE")
                        .setReason("no version"));
            }
        }
        return document.build();
    }

    private static String state(VersionState state) {
        return switch (state) {
            case START, LOADING -> "LOADING";
            case AVAILABLE -> "READY";
            case UNLOADING -> "UNLOADING";
            case END -> "UNAVAILABLE";
        };
    }
}
