package dev.sampan.serving.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * A model in S3, or in what speaks its protocol. Under the prefix lie version folders, or the files of the one version.
 * Endpoint, region and credentials come from the environment: {@code AWS_ENDPOINT_URL} (or {@code S3_ENDPOINT} with
 * {@code S3_USE_HTTPS}, as KServe sets them), {@code AWS_REGION}, {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY},
 * {@code AWS_SESSION_TOKEN}; without credentials requests are not signed.
 */
final class S3Model implements RemoteModel {
    private static final Set<String> NOT_OURS_TO_SET = Set.of("host", "content-length");

    private final URI bucket;
    private final String prefix;
    private final String region;
    private final @Nullable AwsCredentialsIdentity credentials;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final Http http;
    private final Map<Long, List<S3Object>> found = new TreeMap<>();

    private record S3Object(String key, String file, String tag, long size) {}

    S3Model(URI uri, Map<String, String> environment, Http http) {
        var path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        this.prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
        this.region =
                environment.getOrDefault("AWS_REGION", environment.getOrDefault("AWS_DEFAULT_REGION", "us-east-1"));
        this.bucket = bucket(uri.getAuthority(), environment);
        this.credentials = credentials(environment);
        this.http = http;
    }

    private URI bucket(String name, Map<String, String> environment) {
        var endpoint = environment.getOrDefault("AWS_ENDPOINT_URL_S3", environment.get("AWS_ENDPOINT_URL"));
        if (endpoint == null && environment.containsKey("S3_ENDPOINT")) {
            var host = environment.getOrDefault("S3_ENDPOINT", "");
            boolean plain = environment.getOrDefault("S3_USE_HTTPS", "1").matches("0|false");
            endpoint = host.contains("://") ? host : (plain ? "http://" : "https://") + host;
        }
        return endpoint == null
                ? URI.create("https://" + name + ".s3." + region + ".amazonaws.com/")
                : URI.create((endpoint.endsWith("/") ? endpoint : endpoint + "/") + name + "/");
    }

    private static @Nullable AwsCredentialsIdentity credentials(Map<String, String> environment) {
        var key = environment.get("AWS_ACCESS_KEY_ID");
        var secret = environment.get("AWS_SECRET_ACCESS_KEY");
        var token = environment.get("AWS_SESSION_TOKEN");
        if (key == null
                || secret == null
                || environment.getOrDefault("awsAnonymousCredential", "").equals("true")) {
            return null;
        }
        return token == null
                ? AwsCredentialsIdentity.create(key, secret)
                : AwsSessionCredentialsIdentity.create(key, secret, token);
    }

    @Override
    public List<RemoteVersion> list() throws IOException {
        found.clear();
        var unversioned = new ArrayList<S3Object>();
        for (var object : objects()) {
            int slash = object.file.indexOf('/');
            var first = slash < 0 ? "" : object.file.substring(0, slash);
            if (first.matches("[0-9]{1,18}")) {
                found.computeIfAbsent(Long.parseLong(first), number -> new ArrayList<>())
                        .add(new S3Object(object.key, object.file.substring(slash + 1), object.tag, object.size));
            } else {
                unversioned.add(object);
            }
        }
        if (found.isEmpty() && unversioned.isEmpty()) {
            throw new IOException("there is nothing under " + bucket + prefix);
        }
        if (found.isEmpty()) {
            found.put(RemoteVersion.UNNUMBERED, unversioned);
        }
        var versions = new ArrayList<RemoteVersion>();
        found.forEach((number, objects) -> versions.add(new RemoteVersion(number, objects.toString())));
        return versions;
    }

    /** All objects under the prefix; folders' own entries left out. */
    private List<S3Object> objects() throws IOException {
        var objects = new ArrayList<S3Object>();
        var more = "";
        do {
            var query = (more.isEmpty() ? "" : "continuation-token=" + query(more) + "&") + "list-type=2&prefix="
                    + query(prefix);
            var page = xml(http.body(signed(URI.create(bucket + "?" + query), Map.of())));
            var contents = page.getElementsByTagName("Contents");
            for (int i = 0; i < contents.getLength(); i++) {
                var entry = (Element) contents.item(i);
                var key = text(entry, "Key");
                if (!key.endsWith("/")) {
                    objects.add(new S3Object(
                            key,
                            key.substring(prefix.length()),
                            text(entry, "ETag"),
                            Long.parseLong(text(entry, "Size"))));
                }
            }
            more = text(page, "NextContinuationToken");
        } while (!more.isEmpty());
        return objects;
    }

    private static String query(String value) {
        return HttpModel.encoded(value).replace("/", "%2F");
    }

    private static Element xml(InputStream in) throws IOException {
        try (in) {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            return factory.newDocumentBuilder().parse(in).getDocumentElement();
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("the list of objects is not XML: " + e.getMessage(), e);
        }
    }

    private static String text(Element parent, String name) {
        var elements = parent.getElementsByTagName(name);
        return elements.getLength() == 0 ? "" : elements.item(0).getTextContent();
    }

    @Override
    public void fetch(RemoteVersion version, Path folder) throws IOException {
        for (var object : found.getOrDefault(version.number(), List.of())) {
            var file = folder.resolve(object.file).normalize();
            if (!file.startsWith(folder)) {
                throw new IOException("the key " + object.key + " is outside the version's folder");
            }
            var request =
                    signed(bucket.resolve(HttpModel.encoded(object.key)), Map.of("x-amz-checksum-mode", "ENABLED"));
            var response = Http.good(http.send(request));
            Http.save(
                    response.body(),
                    file,
                    sum(response.headers().firstValue("x-amz-checksum-sha256").orElse("")),
                    object.size);
        }
    }

    /** The checksum of an object; sums of several parts are no sum of the whole. */
    private static @Nullable String sum(String base64) {
        return base64.isEmpty() || base64.contains("-")
                ? null
                : HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
    }

    private HttpRequest signed(URI uri, Map<String, String> headers) {
        var identity = credentials;
        var request = Http.get(uri);
        if (identity == null) {
            headers.forEach(request::header);
            return request.build();
        }
        var unsigned = SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(uri);
        headers.forEach(unsigned::putHeader);
        var signed = signer.sign(sign -> sign.identity(identity)
                .request(unsigned.build())
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false));
        signed.request().forEachHeader((name, values) -> {
            if (!NOT_OURS_TO_SET.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return request.build();
    }
}
