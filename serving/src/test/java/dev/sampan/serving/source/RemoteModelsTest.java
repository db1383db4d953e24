package dev.sampan.serving.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.serving.ModelServer;
import dev.sampan.serving.RestClient;
import dev.sampan.serving.ServerOptions;
import dev.sampan.serving.TestModels;
import dev.sampan.serving.config.ModelConfig;
import dev.sampan.serving.config.ModelLocation;
import dev.sampan.serving.config.Mounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose models lie behind HTTP: plain files, S3's protocol, and an OCI registry. */
class RemoteModelsTest {
    private static final String BODY = "{\"instances\": [[1,2,3,4]]}";

    @TempDir
    Path folder;

    private RemoteEndpoint endpoint;

    @BeforeEach
    void start() throws IOException {
        endpoint = new RemoteEndpoint();
    }

    @AfterEach
    void stop() {
        endpoint.close();
    }

    @Test
    void anArchiveOnAWebServerIsTakenWhenItChangesAndOutlivesItsServer() throws Exception {
        endpoint.files.put("/m.tar.gz", tarGz("model/1/model.onnx", classifier(3)));
        var uri = endpoint.uri("/m.tar.gz").toString();
        try (var server = server(uri, Map.of());
                var client = new RestClient(server.restUri())) {
            assertThat(answer(client)).isEqualTo(3);

            // Half of the next one arrives: the old one goes on, the metrics say why.
            endpoint.cutOff.add("/m.tar.gz");
            endpoint.files.put("/m.tar.gz", tarGz("model/1/model.onnx", classifier(4)));
            Awaitility.await().until(() -> metrics(client).contains("model_source_error{model_name=\"m\",reason=\""));
            assertThat(answer(client)).isEqualTo(3);
            assertThat(client.get("/v1/models/m/versions/2").status()).isEqualTo(404);

            endpoint.cutOff.clear();
            Awaitility.await().until(() -> answer(client) == 4);
            assertThat(client.get("/v1/models/m")
                            .json()
                            .at("/model_version_status/0/version")
                            .asString())
                    .isEqualTo("2");
            Awaitility.await().until(() -> !metrics(client).contains("model_source_error{"));

            endpoint.close();
            Awaitility.await().until(() -> metrics(client).contains("nothing answers at " + uri));
            assertThat(answer(client)).isEqualTo(4);
        }
        // A server that starts while the source is away has the copy.
        try (var server = server(uri, Map.of());
                var client = new RestClient(server.restUri())) {
            assertThat(answer(client)).isEqualTo(4);
        }
    }

    @Test
    void aModelThatIsNotThereSaysWhyAndIsTakenOnceItIs() throws Exception {
        var uri = endpoint.uri("/m.zip").toString();
        try (var server = server(uri, Map.of());
                var client = new RestClient(server.restUri())) {
            for (var path : List.of("/v1/models/m", "/v1/models/m/metadata")) {
                var answer = client.get(path);
                assertThat(answer.status()).isEqualTo(404);
                assertThat(answer.error()).contains("it cannot be fetched: " + uri + " answered 404");
            }
            endpoint.put("/m.zip", "no archive");
            Awaitility.await()
                    .until(() ->
                            client.post("/v1/models/m:predict", BODY).error().contains("cannot be unpacked"));
            endpoint.files.put("/m.zip", zip("model.onnx", classifier(5)));
            Awaitility.await().until(() -> client.get("/v1/models/m").status() == 200 && answer(client) == 5);
        }
    }

    @Test
    void anArchiveMayNotWriteOutsideItsFolder() throws Exception {
        endpoint.files.put("/m.zip", zip("../../escaped.onnx", classifier(1)));
        try (var server = server(endpoint.uri("/m.zip").toString(), Map.of());
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/m").error()).contains("wants to write outside its folder");
        }
        try (var files = Files.walk(folder)) {
            assertThat(files).noneMatch(file -> file.endsWith("escaped.onnx"));
        }
    }

    @Test
    void aManifestListsVersionsWhoseChecksumsAreChecked() throws Exception {
        publish(1, classifier(1), sha256(classifier(1)));
        try (var server = server(endpoint.uri("/models/").toString(), Map.of());
                var client = new RestClient(server.restUri())) {
            assertThat(answer(client)).isEqualTo(1);
            publish(7, classifier(7), sha256(classifier(8)));
            Awaitility.await()
                    .until(() -> metrics(client)
                            .contains("model.onnx has the SHA-256 " + sha256(classifier(7)) + ", not "
                                    + sha256(classifier(8)) + " as expected"));
            assertThat(answer(client)).isEqualTo(1);
            publish(7, classifier(7), sha256(classifier(7)));
            Awaitility.await().until(() -> answer(client) == 7);
        }
    }

    @Test
    void noRequestFailsWhileTheContentOfAVersionChanges() throws Exception {
        publish(1, classifier(1), sha256(classifier(1)));
        var problems = new ConcurrentLinkedQueue<String>();
        var answered = new AtomicInteger();
        var stop = new AtomicBoolean();
        try (var server = server(endpoint.uri("/models/").toString(), Map.of());
                var client = new RestClient(server.restUri());
                var callers = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 3; i++) {
                callers.execute(() -> call(server, stop, answered, problems));
            }
            for (int content = 2; content <= 6; content++) {
                int next = content;
                int before = answered.get();
                publish(1, classifier(next), sha256(classifier(next)));
                Awaitility.await().until(() -> answer(client) == next && answered.get() > before + 50);
            }
            assertThat(client.get("/v1/models/m").json().path("model_version_status"))
                    .hasSize(1);
            // What cannot be loaded is told, and changes nothing else.
            publish(1, new byte[10], sha256(new byte[10]));
            Awaitility.await()
                    .until(() -> client.get("/v1/models/m").body().contains("its new content does not load")
                            && metrics(client).contains("model_load_error{model_name=\"m\",version=\"1\""));
            assertThat(answer(client)).isEqualTo(6);
            stop.set(true);
        }
        assertThat(problems).isEmpty();
    }

    private static void call(
            ModelServer server, AtomicBoolean stop, AtomicInteger answered, ConcurrentLinkedQueue<String> problems) {
        try (var client = new RestClient(server.restUri())) {
            while (!stop.get()) {
                var answer = client.post("/v1/models/m/versions/1:predict", BODY);
                if (answer.status() != 200) {
                    problems.add(answer.toString());
                }
                answered.incrementAndGet();
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            problems.add(e.toString());
        }
    }

    @Test
    void noOtherConfigurationWaitsForASlowDownload() throws Exception {
        publish(1, classifier(1), sha256(classifier(1)));
        endpoint.files.put("/other.onnx", classifier(2));
        var asked = new CountDownLatch(3);
        var open = new CountDownLatch(1);
        endpoint.gate(exchange -> {
            if (exchange.getRequestURI().getPath().startsWith("/slow")) {
                asked.countDown();
                awaitUninterruptibly(open);
            }
            return null;
        });
        try (var server = server(endpoint.uri("/models/").toString(), Map.of());
                var client = new RestClient(server.restUri());
                var threads = Executors.newVirtualThreadPerTaskExecutor();
                AutoCloseable opening = open::countDown) {
            assertThat(opening).isNotNull();
            var m = model("m", "/models/");
            var slow = List.of(m, model("a", "/slow-a.onnx"), model("b", "/slow-b.onnx"), model("c", "/slow-c.onnx"));
            var first = threads.submit(() -> server.reload(slow));
            asked.await();

            var others = new ArrayList<>(slow);
            others.add(model("other", "/other.onnx"));
            threads.submit(() -> server.reload(others)).get(30, TimeUnit.SECONDS);
            assertThat(client.post("/v1/models/other:predict", BODY).status()).isEqualTo(200);
            threads.submit(() -> {
                        server.unload("m");
                        server.load("m");
                    })
                    .get(30, TimeUnit.SECONDS);
            assertThat(answer(client)).isEqualTo(1);
            assertThat(first).isNotDone();

            // Whoever waits for models that are no longer configured waits no more.
            threads.submit(() -> server.reload(List.of(m))).get(30, TimeUnit.SECONDS);
            first.get(30, TimeUnit.SECONDS);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ModelConfig model(String name, String path) {
        var mounts = new Mounts(Map.of("MODEL_CACHE_DIR", folder.toString()));
        return ModelConfig.latest(
                name, ModelLocation.of(name, endpoint.uri(path).toString(), mounts));
    }

    private void publish(long version, byte[] model, String sha256) {
        endpoint.files.put("/models/" + version + "/model.onnx", model);
        endpoint.put("/models/manifest.json", """
                {"versions": {"%d": {"files": {"model.onnx": {"sha256": "%s", "size": %d}}}}}""".formatted(version, sha256, model.length));
    }

    @Test
    void versionsInABucketWithSignedRequests() throws Exception {
        var environment = Map.of(
                "AWS_ENDPOINT_URL", endpoint.uri("").toString(),
                "AWS_REGION", "eu-central-1",
                "AWS_ACCESS_KEY_ID", "AKID",
                "AWS_SECRET_ACCESS_KEY", "a secret");
        endpoint.files.put("/bucket/some models/1/model.onnx", classifier(1));
        endpoint.gate(exchange -> {
            if (!SignedRequests.isSigned(exchange, "AKID", "a secret")) {
                return new RemoteEndpoint.Answer(403, Map.of(), "<Code>SignatureDoesNotMatch</Code>");
            }
            var query = exchange.getRequestURI().getQuery();
            return query == null ? null : new RemoteEndpoint.Answer(200, Map.of(), listing(query));
        });
        try (var server = server("s3://bucket/some%20models", environment);
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/m").body()).contains("AVAILABLE");
            assertThat(answer(client)).isEqualTo(1);
            endpoint.cutOff.add("/bucket/some models/2/model.onnx");
            endpoint.files.put("/bucket/some models/2/model.onnx", classifier(2));
            Awaitility.await().until(() -> metrics(client).contains("model_source_error{"));
            assertThat(answer(client)).isEqualTo(1);
            endpoint.cutOff.clear();
            Awaitility.await().until(() -> answer(client) == 2);
            // Rollback: the object goes away.
            endpoint.files.remove("/bucket/some models/2/model.onnx");
            Awaitility.await().until(() -> answer(client) == 1);
        }
        var wrong = new HashMap<>(environment);
        wrong.put("AWS_SECRET_ACCESS_KEY", "another");
        wrong.put("MODEL_CACHE_DIR", folder.resolve("other").toString());
        try (var server = server("s3://bucket/some%20models", wrong);
                var client = new RestClient(server.restUri())) {
            assertThat(client.get("/v1/models/m").error()).contains("answered 403", "SignatureDoesNotMatch");
        }
    }

    /** The objects, one a page. */
    private String listing(String query) {
        assertThat(query).contains("list-type=2", "prefix=some models/");
        var keys = endpoint.files.keySet().stream().sorted().toList();
        int page = query.contains("continuation-token=page ")
                ? Integer.parseInt(query.replaceAll(".*continuation-token=page (\\d+).*", "$1"))
                : 0;
        var file = Objects.requireNonNull(endpoint.files.get(keys.get(page)));
        return "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Contents><Key>"
                + keys.get(page).substring("/bucket/".length()) + "</Key><ETag>\"" + sha256(file) + "\"</ETag><Size>"
                + file.length + "</Size></Contents>"
                + (page + 1 < keys.size()
                        ? "<NextContinuationToken>page " + (page + 1) + "</NextContinuationToken>"
                        : "")
                + "</ListBucketResult>";
    }

    @Test
    void anImageAndAnArtifactInARegistryThatWantsAToken() throws Exception {
        endpoint.gate(exchange -> {
            var header = exchange.getRequestHeaders().getFirst("Authorization");
            if (exchange.getRequestURI().getPath().equals("/token")) {
                assertThat(exchange.getRequestURI().getQuery())
                        .isEqualTo("service=registry&scope=repository:team/m:pull");
                return header != null && header.startsWith("Basic ")
                        ? new RemoteEndpoint.Answer(200, Map.of(), "{\"token\": \"let me in\"}")
                        : new RemoteEndpoint.Answer(401, Map.of(), "no credentials");
            }
            return "Bearer let me in".equals(header)
                    ? null
                    : new RemoteEndpoint.Answer(
                            401,
                            Map.of(
                                    "WWW-Authenticate",
                                    "Bearer realm=\"" + endpoint.uri("/token")
                                            + "\",service=\"registry\",scope=\"repository:team/m:pull\""),
                            "");
        });
        push("application/vnd.oci.image.layer.v1.tar+gzip", "{}", tarGz("models/model.onnx", classifier(1)));
        var environment = Map.of("OCI_CREDENTIALS", "user:password");
        try (var server = server("oci://" + endpoint.authority() + "/team/m:v1", environment);
                var client = new RestClient(server.restUri())) {
            assertThat(answer(client)).isEqualTo(1);
            // The tag moves to an artifact; its blob is damaged first.
            var title = "{\"org.opencontainers.image.title\": \"model.onnx\"}";
            var blob = push("application/octet-stream", title, classifier(6));
            endpoint.files.put(blob, new byte[classifier(6).length]);
            Awaitility.await().until(() -> metrics(client).contains("has the SHA-256"));
            assertThat(answer(client)).isEqualTo(1);
            endpoint.files.put(blob, classifier(6));
            Awaitility.await().until(() -> answer(client) == 6);
        }
    }

    /** Makes a layer the tag's only one; the path of its blob. */
    private String push(String type, String annotations, byte[] layer) {
        var blob = "/v2/team/m/blobs/sha256:" + sha256(layer);
        endpoint.files.put(blob, layer);
        var manifest = """
                {"schemaVersion": 2, "layers": [
                  {"mediaType": "%s", "digest": "sha256:%s", "size": %d, "annotations": %s}]}""".formatted(type, sha256(layer), layer.length, annotations);
        var digest = "sha256:" + sha256(manifest.getBytes(StandardCharsets.UTF_8));
        endpoint.put("/v2/team/m/manifests/" + digest, manifest);
        endpoint.put("/v2/team/m/manifests/v1", """
                {"manifests": [
                  {"digest": "sha256:0", "platform": {"os": "linux", "architecture": "s390x"}},
                  {"digest": "%s", "platform": {"os": "linux", "architecture": "amd64"}}]}""".formatted(digest));
        return blob;
    }

    @Test
    void addressesThatCannotBeFetchedSayWhatToDoInstead() {
        var mounts = new Mounts(Map.of());
        for (var address : List.of("gs://b/m", "pvc://claim/m", "hf://org/m", "ftp://host/m")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> ModelLocation.of("m", address, mounts))
                    .hasMessageStartingWith("models cannot be fetched from " + address + ": ");
        }
        assertThat(ModelLocation.of("m", "file:///models/m", mounts))
                .isEqualTo(new ModelLocation(Path.of("/models/m"), null));
    }

    private ModelServer server(String address, Map<String, String> extra) throws IOException {
        var environment = new HashMap<>(Map.of("MODEL_CACHE_DIR", folder.toString()));
        environment.putAll(extra);
        var model = ModelConfig.latest("m", ModelLocation.of("m", address, new Mounts(environment)));
        var fast = Duration.ofMillis(20);
        return new ModelServer(ServerOptions.local(List.of(model))
                        .with(ServerOptions.Loading.DEFAULT
                                .polling(fast, Duration.ZERO)
                                .pollingSources(fast))
                        .with(environment))
                .start();
    }

    private static String metrics(RestClient client) throws IOException, InterruptedException {
        return client.get("/monitoring/prometheus/metrics").body();
    }

    /** The class that the model answers with; none of its answers may fail. */
    private static int answer(RestClient client) throws IOException, InterruptedException {
        var answer = client.post("/v1/models/m:predict", BODY);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var scores = answer.json().at("/predictions/0");
        for (int i = 0; i < scores.size(); i++) {
            if (scores.get(i).asDouble() == 1.0) {
                return i;
            }
        }
        return -1;
    }

    private byte[] classifier(long answer) throws IOException {
        var base = folder.resolve("originals");
        TestModels.classifier(base, answer);
        return Files.readAllBytes(base.resolve(answer + "/model.onnx"));
    }

    private static byte[] tarGz(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            var entry = new TarArchiveEntry(name);
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(Http.sha256().digest(bytes));
    }
}
