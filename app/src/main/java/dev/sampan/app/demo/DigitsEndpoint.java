package dev.sampan.app.demo;

import dev.sampan.models.data.DataOptions;
import dev.sampan.models.data.DataSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The deployed classifier as the world sees it: TensorFlow Serving's REST predict behind the Ingress. */
final class DigitsEndpoint {

    private static final String HOST = "digits.localhost";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI uri;
    private final HttpClient http;

    /** @param ingress base address of the ingress gateway */
    DigitsEndpoint(String ingress) {
        this.uri = URI.create(ingress + "/v1/models/digits:predict");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
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
        var body = JSON.createObjectNode();
        var instances = body.putArray("instances");
        for (var digit : digits) {
            var instance = instances.addArray();
            for (float pixel : digit.pixels()) {
                instance.add(pixel);
            }
        }
        var request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(10))
                .header("Host", HOST)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        var response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body())
                .path("predictions")
                .valueStream()
                .map(DigitsEndpoint::best)
                .toList();
    }

    /** The class of the largest probability. */
    private static Answer best(JsonNode prediction) {
        var probabilities =
                prediction.isArray() ? prediction : prediction.iterator().next();
        int best = IntStream.range(0, probabilities.size())
                .reduce((a, b) -> probabilities.get(b).doubleValue()
                                > probabilities.get(a).doubleValue()
                        ? b
                        : a)
                .orElse(0);
        return new Answer(best, probabilities.get(best).doubleValue());
    }
}
