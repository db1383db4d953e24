package dev.sampan.serving.config;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.error.ServingException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a model's versions are: a folder, or an address that is mirrored into one.
 *
 * @param folder of version folders
 * @param remote what the folder is a copy of; null if it is the original
 */
public record ModelLocation(Path folder, @Nullable URI remote) {
    private static final Set<String> REMOTE = Set.of("http", "https", "s3", "oci");

    /**
     * Reads a base path or a storage URI as KServe writes them.
     *
     * @param model by which name it is served: two models do not share a copy, as they may want different versions
     * @throws ServingException INVALID_ARGUMENT if models cannot be fetched from there; the message says what to do instead
     */
    public static ModelLocation of(String model, String text, Mounts mounts) {
        int colon = text.indexOf("://");
        if (colon < 0) {
            return new ModelLocation(mounts.resolve(text), null);
        }
        var scheme = text.substring(0, colon).toLowerCase(Locale.ROOT);
        if (scheme.equals("file")) {
            return new ModelLocation(mounts.resolve(text.substring(colon + 3)), null);
        }
        if (!REMOTE.contains(scheme)) {
            throw ServingException.invalid("models cannot be fetched from " + text + ": " + remedy(scheme));
        }
        try {
            return new ModelLocation(mounts.cache().resolve(folderName(model, text)), URI.create(text));
        } catch (IllegalArgumentException e) {
            throw new ServingException(Code.INVALID_ARGUMENT, text + " is no address: " + e.getMessage(), e);
        }
    }

    private static String remedy(String scheme) {
        return switch (scheme) {
            case "pvc" -> "mount the claim into the pod and give the path that it is mounted at";
            case "gs" ->
                "Google's storage speaks S3's protocol: use s3://, with AWS_ENDPOINT_URL=https://storage.googleapis.com"
                        + " and an HMAC key";
            case "hf" -> "download the repository, export it to ONNX, and give the folder";
            default -> "known are file://, http://, https://, s3:// and oci://";
        };
    }

    /** The end of the address for people, a digest of the whole to tell addresses apart. */
    private static String folderName(String model, String text) {
        var end = text.replaceAll("[?#].*", "").replaceAll("/+$", "");
        end = end.substring(end.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest((model + "\n" + text).getBytes(StandardCharsets.UTF_8));
            return end + "-" + HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Where copies of remote models are kept: {@code MODEL_CACHE_DIR}, else a folder of the user's. */
    static Path cache(Map<String, String> environment) {
        var folder = environment.getOrDefault("MODEL_CACHE_DIR", "");
        if (!folder.isEmpty()) {
            return Path.of(folder);
        }
        var home = environment.getOrDefault("SAMPAN_HOME", "");
        var root = home.isBlank() ? Path.of(System.getProperty("user.home"), ".sampan") : Path.of(home);
        return root.resolve("model-cache");
    }
}
