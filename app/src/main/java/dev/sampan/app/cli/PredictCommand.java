package dev.sampan.app.cli;

import dev.sampan.serving.client.Prediction;
import dev.sampan.serving.client.PredictionOptions;
import dev.sampan.serving.client.PredictionOptions.Reading;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "predict",
        description = {
            "Ask a model server, or the Ingress in front of one.",
            "Takes files with JSON ({\"instances\": …} or rows alone), CSV rows or images (PNG, JPEG, PGM …), and '-' for "
                    + "standard input; without any, rows of --data that were held out from training."
        },
        footer = {
            "",
            "Example:  sampan predict --url http://127.0.0.1:8501 --model digits",
            "          sampan predict --url http://127.0.0.1:8080 --host digits.localhost --model digits seven.png",
            "          echo '[[0,0,5,13,…]]' | sampan predict --model digits -"
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class PredictCommand implements Callable<Integer> {

    @Option(
            names = "--url",
            defaultValue = "http://127.0.0.1:8501",
            description = "Address of the server or the Ingress (default: ${DEFAULT-VALUE}).")
    private URI url = URI.create("");

    @Option(names = "--model", paramLabel = "NAME", required = true, description = "Name of the model.")
    private String model = "";

    @Option(names = "--host", description = "Host name that the Ingress tells sites apart by.")
    private @Nullable String host;

    @Mixin
    private DataSelection data = new DataSelection();

    @Option(names = "--count", defaultValue = "3", description = "Number of held-out rows (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--image-size",
            paramLabel = "WxH",
            description = "Size that images are brought to (default: that of --data).")
    private @Nullable String size;

    @Option(names = "--invert", description = "The image has dark ink on white paper.")
    private boolean invert;

    @Option(names = "--json", description = "Print the server's answer as it is.")
    private boolean json;

    @Option(names = "--explain", description = "Print where the time of each request went.")
    private boolean explain;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Limit of one request (default: ${DEFAULT-VALUE}).")
    private int timeout;

    @Parameters(paramLabel = "FILE", description = "What to predict.")
    private List<Path> files = List.of();

    @Override
    public Integer call() {
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            throw new UserError("--url " + url + ": an address begins with http:// or https://.", 2);
        }
        var options = new PredictionOptions(
                url,
                model,
                host,
                data.options(),
                files,
                new Reading(size, invert, json, explain),
                Math.max(1, count),
                Duration.ofSeconds(Math.max(1, timeout)));
        return Prediction.run(options, System.in, System.out);
    }
}
