package dev.sampan.app.demo;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import dev.sampan.serving.client.PredictClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The deployed classifier as the world sees it: TensorFlow Serving's REST predict behind the Ingress. */
final class DigitsEndpoint {

    private static final String HOST = "digits.localhost";
    private static final String MODEL = "digits";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final URI uri;
    private final PredictClient client;

    /** @param ingress base address of the ingress gateway */
    DigitsEndpoint(String ingress) {
        this.uri = URI.create(ingress + "/v1/models/" + MODEL + ":predict");
        this.client = new PredictClient(URI.create(ingress), MODEL, HOST, TIMEOUT);
    }

    /** @param probability between 0 and 1 */
    record Answer(int digit, double probability) {}

    URI uri() {
        return uri;
    }

    /** The same request with curl. */
    String curl() {
        return "curl -H 'Host: %s' -d '{\"instances\": [[0,0,5,13,9,1,0,0, …]]}' %s".formatted(HOST, uri);
    }

    /** Digits from the part of the data set that training never saw. */
    static List<LabelledDigit> heldOut(int count) {
        var heldOut = DataSource.open(DataOptions.of("digits")).heldOut();
        int stride = heldOut.rows() / count;
        return IntStream.range(0, count)
                .map(i -> i * stride)
                .mapToObj(row -> new LabelledDigit(heldOut.row(row), heldOut.labels()[row]))
                .toList();
    }

    boolean answers(LabelledDigit digit) {
        try {
            return predict(List.of(digit)).size() == 1;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Classifies the digits in one request. */
    List<Answer> predict(List<LabelledDigit> digits) throws IOException, InterruptedException {
        var scores = client.predict(digits.stream().map(LabelledDigit::pixels).toArray(float[][]::new));
        return Arrays.stream(scores).map(DigitsEndpoint::best).toList();
    }

    /** The class of the largest probability. */
    private static Answer best(float[] probabilities) {
        int best = IntStream.range(0, probabilities.length)
                .reduce((a, b) -> probabilities[b] > probabilities[a] ? b : a)
                .orElse(0);
        return new Answer(best, probabilities[best]);
    }
}
