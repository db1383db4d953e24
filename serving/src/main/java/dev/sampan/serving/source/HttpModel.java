package dev.sampan.serving.source;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A model on a web server. An address that ends in a slash is a folder whose {@code manifest.json} lists versions with their
 * files:
 *
 * <pre>{@code
 * {"versions": {"1": {"files": {"model.onnx": {"sha256": "9f86d0…", "size": 1234}}}}}
 * }</pre>
 *
 * <p>Any other is one file or archive (.tar.gz, .tgz, .tar, .zip), which is fetched again when the server says that it has changed;
 * {@code #sha256=…} at the end of the address says what it must be.
 */
final class HttpModel implements RemoteModel {
    private static final String SHA256 = "sha256=";

    private final URI uri;
    private final Http http;

    HttpModel(URI uri, Http http) {
        this.uri = uri;
        this.http = http;
    }

    private boolean isFolder() {
        return uri.getPath().endsWith("/");
    }

    @Override
    public List<RemoteVersion> list() throws IOException {
        if (isFolder()) {
            var versions = new ArrayList<RemoteVersion>();
            for (var version : manifest().path("versions").properties()) {
                if (!version.getKey().matches("[0-9]{1,18}")) {
                    throw new IOException(uri + "manifest.json: version '" + version.getKey() + "' is no number");
                }
                versions.add(new RemoteVersion(
                        Long.parseLong(version.getKey()), version.getValue().toString()));
            }
            return versions;
        }
        var sum = sha256();
        return List.of(new RemoteVersion(RemoteVersion.UNNUMBERED, sum == null ? state() : sum));
    }

    /** What the server says of the file without sending it. */
    private String state() throws IOException {
        var head = Http.get(uri)
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        var response = http.send(head);
        if (response.statusCode() == 405 || response.statusCode() == 501) {
            response.body().close();
            return "unknown";
        }
        var headers = Http.good(response).headers();
        response.body().close();
        return headers.firstValue("ETag")
                .orElseGet(() -> headers.firstValue("Last-Modified").orElse("") + " "
                        + headers.firstValue("Content-Length").orElse(""));
    }

    private @Nullable String sha256() {
        var fragment = uri.getFragment();
        return fragment != null && fragment.startsWith(SHA256) ? fragment.substring(SHA256.length()) : null;
    }

    private JsonNode manifest() throws IOException {
        var manifest = uri.resolve("manifest.json");
        return Http.json(http.body(Http.get(manifest).build()), manifest);
    }

    @Override
    public void fetch(RemoteVersion version, Path folder) throws IOException {
        if (isFolder()) {
            fetchListed(version.number(), folder);
            return;
        }
        var path = uri.getPath();
        var name = path.substring(path.lastIndexOf('/') + 1);
        if (name.isEmpty()) {
            throw new IOException(uri + " names no file");
        }
        if (!Archives.isArchive(name)) {
            Http.save(http.body(Http.get(uri).build()), folder.resolve(name), sha256(), -1);
            return;
        }
        var archive = Files.createTempFile(folder, ".archive", "");
        Http.save(http.body(Http.get(uri).build()), archive, sha256(), -1);
        try {
            Archives.unpack(archive, name, folder);
        } catch (IOException e) {
            throw new IOException(uri + " cannot be unpacked: " + e.getMessage(), e);
        }
        Files.delete(archive);
    }

    private void fetchListed(long version, Path folder) throws IOException {
        var files = manifest().path("versions").path(Long.toString(version)).path("files");
        if (files.isEmpty()) {
            throw new IOException(uri + "manifest.json lists no files of version " + version);
        }
        for (var entry : files.properties()) {
            var file = folder.resolve(entry.getKey()).normalize();
            if (!file.startsWith(folder) || file.equals(folder)) {
                throw new IOException(uri + "manifest.json: '" + entry.getKey() + "' is outside the version's folder");
            }
            var address = uri.resolve(version + "/" + encoded(entry.getKey()));
            var sum = entry.getValue().path("sha256");
            Http.save(
                    http.body(Http.get(address).build()),
                    file,
                    sum.isString() ? sum.asString() : null,
                    entry.getValue().path("size").asLong(-1));
        }
    }

    /** A path as it stands in an address. */
    static String encoded(String path) {
        var encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0;
            encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return encoded.toString();
    }
}
