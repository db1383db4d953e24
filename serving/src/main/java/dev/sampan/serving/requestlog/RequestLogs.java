package dev.sampan.serving.requestlog;

import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.config.ModelConfig.RequestLogging;
import dev.sampan.serving.inference.Recorder;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.servable.ServableHandle;
import dev.sampan.serving.tensor.Signature;
import dev.sampan.serving.tensor.Tensor;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Records a share of the answered requests, each model's in its own file, as the models' {@code logging_config} says.
 */
public final class RequestLogs implements Recorder, AutoCloseable {
    private final ServingMetrics metrics;
    private final InstantSource clock;
    private final DoubleSupplier random;
    private final FileAppender appender = new FileAppender("request-log");
    private volatile Map<String, RequestLogging> models = Map.of();

    /** @param random gives numbers from 0 to 1: a request is recorded if its number is below its model's rate */
    public RequestLogs(ServingMetrics metrics, InstantSource clock, DoubleSupplier random) {
        this.metrics = metrics;
        this.clock = clock;
        this.random = random;
    }

    /** From now on these models' requests are recorded. */
    public void configure(Collection<ModelConfig> configs) {
        var wanted = new HashMap<String, RequestLogging>();
        configs.forEach(config -> {
            if (config.logging().rate() > 0 && !config.logging().filePrefix().isEmpty()) {
                wanted.put(config.name(), config.logging());
            }
        });
        models = Map.copyOf(wanted);
    }

    @Override
    public void predicted(
            ServableHandle handle,
            Signature signature,
            Map<String, Tensor> inputs,
            List<String> filter,
            Map<String, Tensor> outputs) {
        var logging = models.get(handle.modelName());
        if (logging == null || random.getAsDouble() >= logging.rate()) {
            return;
        }
        var entry =
                new LogEntry(handle.modelName(), handle.version(), signature.name(), logging.rate(), clock.instant());
        boolean kept = switch (logging.format()) {
            case TF_RECORD ->
                appender.append(
                        Path.of(logging.filePrefix() + ".tfrecord"),
                        TfRecords.frame(entry.message(inputs, filter, outputs).toByteArray()));
            case JSON_LINES -> appender.append(Path.of(logging.filePrefix() + ".jsonl"), entry.json(inputs, outputs));
        };
        if (kept) {
            metrics.logged(handle.modelName());
        }
    }

    /** Writes what is waiting and stops. */
    @Override
    public void close() {
        appender.close();
    }
}
