package dev.sampan.serving.config;

import com.google.protobuf.TextFormat;
import dev.sampan.serving.config.ModelConfig.RequestLogging;
import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.proto.FileSystemStoragePathSourceConfig.ServableVersionPolicy;
import dev.sampan.serving.proto.ModelServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** The models of a ModelServerConfig message, in a file or in a request. */
public final class ModelConfigFile {
    private ModelConfigFile() {}

    /**
     * Reads a file in protobuf's text form.
     *
     * @throws ServingException if it is missing or not what it should be
     */
    public static List<ModelConfig> read(Path file, Mounts mounts) {
        var config = ModelServerConfig.newBuilder();
        try {
            TextFormat.merge(Files.readString(file), config);
        } catch (NoSuchFileException e) {
            throw new ServingException(Code.NOT_FOUND, "--model_config_file: there is no file " + file, e);
        } catch (TextFormat.ParseException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT,
                    "--model_config_file " + file + " is not a ModelServerConfig in text form: " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new ServingException(
                    Code.INVALID_ARGUMENT, "--model_config_file " + file + " cannot be read: " + e, e);
        }
        return models(config.build(), mounts);
    }

    /** The models of a message. */
    public static List<ModelConfig> models(ModelServerConfig config, Mounts mounts) {
        var names = new HashSet<String>();
        return config.getModelConfigList().getConfigList().stream()
                .map(model -> {
                    if (model.getName().isEmpty() || model.getBasePath().isEmpty()) {
                        throw ServingException.invalid("every model of a configuration needs name and base_path");
                    }
                    if (!names.add(model.getName())) {
                        throw ServingException.invalid(
                                "Illegal to list model " + model.getName() + " multiple times in config list");
                    }
                    return model(model, mounts);
                })
                .toList();
    }

    private static ModelConfig model(dev.sampan.serving.proto.ModelConfig model, Mounts mounts) {
        var logging = model.getLoggingConfig();
        var location = ModelLocation.of(model.getName(), model.getBasePath(), mounts);
        return new ModelConfig(
                model.getName(),
                location.folder(),
                location.remote(),
                versions(model.getModelVersionPolicy()),
                model.getVersionLabelsMap(),
                new RequestLogging(
                        format(logging.getLogCollectorConfig().getType()),
                        prefix(logging.getLogCollectorConfig().getFilenamePrefix(), mounts),
                        logging.getSamplingConfig().getSamplingRate()));
    }

    private static String prefix(String path, Mounts mounts) {
        return path.isEmpty() ? path : mounts.resolve(path).toString();
    }

    private static RequestLogging.Format format(String type) {
        return switch (type) {
            case "", "tfrecord", "file" -> RequestLogging.Format.TF_RECORD;
            case "json", "jsonl" -> RequestLogging.Format.JSON_LINES;
            default ->
                throw ServingException.invalid("log_collector_config.type '" + type + "' is none of tfrecord, jsonl");
        };
    }

    private static VersionPolicy versions(ServableVersionPolicy policy) {
        return switch (policy.getPolicyChoiceCase()) {
            case ALL -> new VersionPolicy.All();
            case SPECIFIC -> new VersionPolicy.Specific(policy.getSpecific().getVersionsList());
            case LATEST, POLICYCHOICE_NOT_SET ->
                new VersionPolicy.Latest(policy.getLatest().getNumVersions());
        };
    }
}
