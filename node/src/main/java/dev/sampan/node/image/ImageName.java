package dev.sampan.node.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image reference in its full form, as Docker's distribution library normalizes it: {@code busybox} is
 * {@code docker.io/library/busybox:latest}.
 *
 * @param domain registry host and port
 * @param tag empty when only a digest is given
 * @param digest such as {@code sha256:…}, or empty
 */
public record ImageName(String domain, String path, String tag, String digest) {

    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");
    private static final Pattern DOMAIN = Pattern.compile(
            "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?");
    private static final Pattern TAG = Pattern.compile("[\\w][\\w.-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}");

    /** Reads a name; empty when it is not a valid one. */
    public static Optional<ImageName> parse(String text) {
        var rest = text;
        var digest = "";
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = rest.substring(at + 1);
            rest = rest.substring(0, at);
        }
        var tag = "";
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
            if (!TAG.matcher(tag).matches()) {
                return Optional.empty();
            }
        }
        int slash = rest.indexOf('/');
        var first = slash < 0 ? "" : rest.substring(0, slash);
        boolean hasDomain = first.contains(".") || first.contains(":") || first.equals("localhost");
        var domain = hasDomain ? first : "docker.io";
        var path = hasDomain ? rest.substring(slash + 1) : rest;
        if (domain.equals("docker.io") && !path.contains("/")) {
            path = "library/" + path;
        }
        if (!DOMAIN.matcher(domain).matches()
                || !PATH.matcher(path).matches()
                || (!digest.isEmpty() && !DIGEST.matcher(digest).matches())) {
            return Optional.empty();
        }
        return Optional.of(new ImageName(domain, path, tag.isEmpty() && digest.isEmpty() ? "latest" : tag, digest));
    }

    /** Without tag and digest, such as {@code docker.io/library/busybox}. */
    public String repository() {
        return domain + "/" + path;
    }

    /** As people write it: without the default registry. */
    public String familiar() {
        var name = domain.equals("docker.io")
                ? (path.startsWith("library/") ? path.substring("library/".length()) : path)
                : repository();
        return name + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }

    @Override
    public String toString() {
        return repository() + (tag.isEmpty() ? "" : ":" + tag) + (digest.isEmpty() ? "" : "@" + digest);
    }
}
