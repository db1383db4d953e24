package dev.sampan.serving.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model in an OCI registry: an image whose {@code /models} holds it (else the whole image), or an artifact whose layers are
 * files with titles, as ORAS makes them. {@code oci://registry/repository:tag} or {@code @sha256:…}; without a registry Docker
 * Hub. Every blob is checked against its digest. Registries on this machine are called without TLS.
 */
final class OciModel implements RemoteModel {
    private static final String TITLE = "org.opencontainers.image.title";
    private static final String MANIFESTS =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, "
                    + "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";
    private static final Pattern CHALLENGE = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final URI base;
    private final String repository;
    private final String reference;
    private final @Nullable String credentials;
    private final Http http;
    private @Nullable String token;

    /** @param credentials {@code user:password}, or null for none */
    OciModel(URI uri, @Nullable String credentials, Http http) {
        this.http = http;
        this.credentials = credentials;
        var name = uri.toString().substring("oci://".length());
        int slash = name.indexOf('/');
        var host = slash < 0 ? "" : name.substring(0, slash);
        boolean registry = host.contains(".") || host.contains(":") || host.equals("localhost");
        var rest = registry ? name.substring(slash + 1) : slash < 0 ? "library/" + name : name;
        int digest = rest.indexOf('@');
        int colon = rest.lastIndexOf(':');
        int end = digest >= 0 ? digest : colon >= 0 ? colon : rest.length();
        this.repository = rest.substring(0, end);
        this.reference = end == rest.length() ? "latest" : rest.substring(end + 1);
        boolean local = host.startsWith("localhost") || host.startsWith("127.");
        this.base = URI.create((local ? "http://" : "https://") + (registry ? host : "registry-1.docker.io") + "/v2/"
                + repository + "/");
    }

    @Override
    public List<RemoteVersion> list() throws IOException {
        return List.of(new RemoteVersion(RemoteVersion.UNNUMBERED, manifest().toString()));
    }

    /** Of an index, the manifest for Linux on amd64, else the first. */
    private JsonNode manifest() throws IOException {
        var manifest = json("manifests/" + reference, MANIFESTS);
        var children = manifest.path("manifests");
        if (!children.isArray()) {
            return manifest;
        }
        var chosen = children.path(0);
        for (var child : children) {
            if (child.path("platform").path("architecture").asString("").equals("amd64")
                    && child.path("platform").path("os").asString("").equals("linux")) {
                chosen = child;
            }
        }
        return json("manifests/" + chosen.path("digest").asString(""), MANIFESTS);
    }

    private JsonNode json(String path, String accept) throws IOException {
        return Http.json(Http.good(send(path, accept)).body(), base.resolve(path));
    }

    @Override
    public void fetch(RemoteVersion version, Path folder) throws IOException {
        var layers = manifest().path("layers");
        if (layers.isEmpty()) {
            throw new IOException(base + " has no layers");
        }
        for (var layer : layers) {
            layer(layer, folder);
        }
        var models = folder.resolve("models");
        if (Files.isDirectory(models)) {
            keepOnly(models, folder);
        }
    }

    private void layer(JsonNode layer, Path folder) throws IOException {
        var digest = layer.path("digest").asString("");
        if (!digest.startsWith("sha256:")) {
            throw new IOException("a layer has the digest '" + digest + "', which is no sha256");
        }
        var title = layer.path("annotations").path(TITLE);
        var type = layer.path("mediaType").asString("");
        var blob = Files.createTempFile(folder, ".layer", "");
        Http.save(
                Http.good(send("blobs/" + digest, "*/*")).body(),
                blob,
                digest.substring("sha256:".length()),
                layer.path("size").asLong(-1));
        if (title.isString() && !type.contains("tar")) {
            var file = folder.resolve(title.asString()).normalize();
            if (!file.startsWith(folder)) {
                throw new IOException("the layer '" + title.asString() + "' is outside the folder");
            }
            Files.createDirectories(file.getParent());
            Files.move(blob, file);
            return;
        }
        try (InputStream in = Files.newInputStream(blob)) {
            Archives.untar(type.endsWith("gzip") ? new GZIPInputStream(in) : in, folder);
        }
        Files.delete(blob);
    }

    /** What an image has besides its model is not wanted. */
    private static void keepOnly(Path models, Path folder) throws IOException {
        var kept = Files.createTempDirectory(folder.getParent(), ".model");
        Files.move(models, kept.resolve("models"));
        Archives.delete(folder);
        Files.move(kept.resolve("models"), folder);
        Files.delete(kept);
    }

    private HttpResponse<InputStream> send(String path, String accept) throws IOException {
        var response = http.send(request(path, accept));
        if (response.statusCode() != 401) {
            return response;
        }
        var challenge = response.headers().firstValue("WWW-Authenticate").orElse("");
        response.body().close();
        if (challenge.startsWith("Bearer ")) {
            token = "Bearer " + token(challenge);
        } else if (credentials != null) {
            token = basic(credentials);
        }
        return http.send(request(path, accept));
    }

    private HttpRequest request(String path, String accept) {
        var request = Http.get(base.resolve(path)).header("Accept", accept);
        if (token != null) {
            request.header("Authorization", token);
        }
        return request.build();
    }

    private String token(String challenge) throws IOException {
        var realm = "";
        var query = new StringBuilder();
        var matcher = CHALLENGE.matcher(challenge);
        while (matcher.find()) {
            if (matcher.group(1).equals("realm")) {
                realm = matcher.group(2);
            } else {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(matcher.group(1))
                        .append('=')
                        .append(HttpModel.encoded(matcher.group(2)));
            }
        }
        var request = Http.get(URI.create(realm + query));
        if (credentials != null) {
            request.header("Authorization", basic(credentials));
        }
        try (var in = http.body(request.build())) {
            var answer = JsonMapper.shared().readTree(in.readAllBytes());
            return answer.path("token").asString(answer.path("access_token").asString(""));
        }
    }

    private static String basic(String credentials) {
        return "Basic "
                + java.util.Base64.getEncoder()
                        .encodeToString(credentials.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
