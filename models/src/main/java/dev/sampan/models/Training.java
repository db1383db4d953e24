package dev.sampan.models;

import dev.sampan.models.data.DataException;
import dev.sampan.models.data.DataSource;
import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.Split;
import dev.sampan.models.evaluate.Classifiers;
import dev.sampan.models.format.TrainedModel;
import dev.sampan.models.network.Network;
import dev.sampan.models.parallel.ClusterSpec;
import dev.sampan.models.parallel.GradientExchange;
import dev.sampan.models.parallel.RefusedException;
import dev.sampan.models.parallel.SocketExchange;
import dev.sampan.models.parallel.WorkerLostException;
import dev.sampan.models.train.Trainer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.security.Security;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Trains a classifier: alone, or as one of the workers that TF_CONFIG names. Worker 0 (or the chief) prints progress and
 * writes the model.
 */
public final class Training {
    private final TrainingOptions options;
    private final PrintStream out;

    /**
     * @param model the trained model
     * @param heldOutAccuracy its accuracy on rows it was not trained on, between 0 and 1
     * @param wrote whether this worker wrote it
     */
    public record Result(TrainedModel model, double heldOutAccuracy, boolean wrote) {}

    private Training(TrainingOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs the program; problems are printed. Returns one of {@link ExitCodes}. */
    public static int run(TrainingOptions options, PrintStream out) {
        try {
            train(options, out);
            return ExitCodes.OK;
        } catch (WorkerLostException e) {
            out.println("error: " + e.getMessage() + "; start again to go on from the last checkpoint");
            return ExitCodes.RETRY;
        } catch (RefusedException e) {
            out.println("error: worker 0 refused this worker: " + e.getMessage());
            return ExitCodes.FAILED;
        } catch (IllegalArgumentException e) {
            out.println("error: " + e.getMessage());
            return ExitCodes.USAGE;
        } catch (DataException | IOException | IllegalStateException e) {
            out.println("error: " + e.getMessage());
            return ExitCodes.FAILED;
        }
    }

    /**
     * Trains and, as worker 0, saves.
     *
     * @return null if TF_CONFIG gives this task a type that has no part in synchronous training
     * @throws WorkerLostException if another worker did not come or was lost
     */
    public static @Nullable Result train(TrainingOptions options, PrintStream out) throws IOException {
        var cluster = ClusterSpec.parse(options.environment().get("TF_CONFIG"));
        if (cluster != null && !cluster.trains()) {
            out.println(cluster.name() + ": nothing to do: " + idleReason(cluster.type()));
            return null;
        }
        return new Training(options, out).train(cluster);
    }

    private static String idleReason(String type) {
        return switch (type) {
            case "ps" -> "workers exchange gradients among themselves, so that no parameter server is needed";
            case "evaluator" -> "worker 0 reports held-out accuracy after each epoch; see also the program 'evaluate'";
            default -> "tasks of type '" + type + "' have no part in synchronous training";
        };
    }

    private Result train(@Nullable ClusterSpec cluster) throws IOException {
        var split = DataSource.open(options.data());
        var network = Network.random(
                layers(split.training()),
                split.training().scaling(),
                options.fit().seed());
        var settings = settings(split.training());
        if (options.fresh()) {
            Trainer.forget(options.out());
        }
        try (var exchange = exchange(cluster, settings)) {
            boolean leads = exchange.rank() == 0;
            if (leads) {
                announce(split, network, exchange);
            }
            var progress = new Progress(split.heldOut(), network);
            new Trainer(network, split.training(), options.fit(), exchange)
                    .run(
                            options.out(),
                            settings,
                            done -> out.println("resumed after epoch " + done),
                            epoch -> progress.report(epoch, leads));
            return finish(split, network, leads);
        }
    }

    private Result finish(Split split, Network network, boolean leads) throws IOException {
        var heldOut = split.heldOut();
        var model = new TrainedModel(heldOut.name(), network, heldOut.classes(), heldOut.sampleShape(), options.data());
        double accuracy = Classifiers.score(model, heldOut).accuracy();
        if (leads) {
            model.save(options.out());
            Trainer.forget(options.out());
            print("held-out accuracy %.4f on %d rows never trained on", accuracy, heldOut.rows());
            out.println("saved " + options.out().resolve(TrainedModel.FILE));
        } else {
            out.println("done; worker 0 writes the model");
        }
        return new Result(model, accuracy, leads);
    }

    private GradientExchange exchange(@Nullable ClusterSpec cluster, String settings) {
        if (cluster == null || cluster.trainers().size() == 1) {
            return GradientExchange.alone();
        }
        // Names of pods that are just starting appear at any moment: remember neither their absence nor, for long, an
        // address. Java reads these properties once, before the first name is looked up.
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Security.setProperty("networkaddress.cache.ttl", "1");
        return SocketExchange.open(
                cluster,
                settings + ", epochs " + options.fit().epochs(),
                options.timeouts(),
                options.environment(),
                out);
    }

    private int[] layers(Dataset rows) {
        return Stream.of(
                        IntStream.of(rows.width()),
                        options.hiddenLayers().stream().mapToInt(Integer::intValue),
                        IntStream.of(rows.classes().size()))
                .flatMapToInt(layer -> layer)
                .toArray();
    }

    /** What makes two trainings the same one, except for the number of epochs. */
    private String settings(Dataset rows) {
        var fit = options.fit();
        return "data " + options.data().source() + " (checksum " + Long.toHexString(checksum(rows))
                + "), hidden layers "
                + options.hiddenLayers() + ", batch size " + fit.batchSize() + ", "
                + fit.optimizer().name().toLowerCase(Locale.ROOT) + ", learning rate " + fit.learningRate() + ", seed "
                + fit.seed();
    }

    private static long checksum(Dataset rows) {
        var crc = new CRC32C();
        var buffer = ByteBuffer.allocate(rows.width() * Float.BYTES);
        for (int row = 0; row < rows.rows(); row++) {
            buffer.asFloatBuffer().put(rows.features(), row * rows.width(), rows.width());
            crc.update(buffer.array());
            crc.update(rows.labels()[row]);
        }
        return crc.getValue();
    }

    private void announce(Split split, Network network, GradientExchange exchange) {
        print(
                "%s: %d rows to train on, %d held out, %d classes; %s with %,d parameters; %s",
                split.training().name(),
                split.training().rows(),
                split.heldOut().rows(),
                split.training().classes().size(),
                options.hiddenLayers().isEmpty() ? "softmax regression" : "MLP " + options.hiddenLayers(),
                network.parameters().length,
                exchange.size() == 1 ? "1 worker" : exchange.size() + " workers");
    }

    private void print(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
    }

    /** Prints a line an epoch, with held-out accuracy from worker 0. */
    private final class Progress {
        private final Dataset heldOut;
        private final Network network;
        private long last = System.nanoTime();

        Progress(Dataset heldOut, Network network) {
            this.heldOut = heldOut;
            this.network = network;
        }

        void report(Trainer.Epoch epoch, boolean leads) {
            long now = System.nanoTime();
            var line = String.format(
                    Locale.ROOT,
                    "epoch %d/%d  loss %.4f  accuracy %.4f",
                    epoch.epoch(),
                    options.fit().epochs(),
                    epoch.loss(),
                    epoch.accuracy());
            if (leads) {
                line += String.format(
                        Locale.ROOT,
                        "  held-out %.4f",
                        Classifiers.score(network, heldOut).accuracy());
            }
            out.printf(Locale.ROOT, "%s  %.2f s%n", line, (now - last) / 1e9);
            last = now;
        }
    }
}
