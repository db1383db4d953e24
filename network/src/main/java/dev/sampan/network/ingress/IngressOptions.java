package dev.sampan.network.ingress;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an Ingress's annotations ask for. The names are ingress-nginx's, with the prefix {@code
 * nginx.ingress.kubernetes.io/} or the older {@code ingress.kubernetes.io/}.
 *
 * @param sslRedirect plain HTTP is redirected where the host has a certificate
 * @param forceSslRedirect plain HTTP is always redirected
 * @param rewriteTarget replaces the path; null keeps it
 * @param useRegex paths are regular expressions
 * @param maxBodyBytes largest request body; 0 for no limit
 * @param readTimeout longest pause of the backend
 * @param retryNonIdempotent whether a POST that was sent may be sent again when its connection broke before any answer
 */
public record IngressOptions(
        boolean sslRedirect,
        boolean forceSslRedirect,
        @Nullable String rewriteTarget,
        boolean useRegex,
        long maxBodyBytes,
        Duration connectTimeout,
        Duration readTimeout,
        Protocol protocol,
        boolean retryNonIdempotent) {

    /** How to talk to the backend. */
    public enum Protocol {
        HTTP,
        HTTPS,
        GRPC
    }

    private static final List<String> PREFIXES = List.of("nginx.ingress.kubernetes.io/", "ingress.kubernetes.io/");

    /** ingress-nginx's defaults, but without a limit on bodies: models take images. */
    public static final IngressOptions DEFAULT = new IngressOptions(
            true, false, null, false, 0, Duration.ofSeconds(5), Duration.ofSeconds(60), Protocol.HTTP, true);

    /** @param problems told of each annotation that cannot be understood; its default is used */
    public static IngressOptions of(@Nullable Map<String, String> annotations, Consumer<String> problems) {
        if (annotations == null || annotations.isEmpty()) {
            return DEFAULT;
        }
        var reader = new Reader(annotations, problems);
        return new IngressOptions(
                reader.flag("ssl-redirect", DEFAULT.sslRedirect),
                reader.flag("force-ssl-redirect", DEFAULT.forceSslRedirect),
                reader.text("rewrite-target"),
                reader.flag("use-regex", DEFAULT.useRegex),
                reader.size("proxy-body-size", DEFAULT.maxBodyBytes),
                reader.seconds("proxy-connect-timeout", DEFAULT.connectTimeout),
                reader.seconds("proxy-read-timeout", DEFAULT.readTimeout),
                reader.protocol(),
                reader.retryNonIdempotent());
    }

    private record Reader(Map<String, String> annotations, Consumer<String> problems) {

        @Nullable
        String text(String name) {
            for (String prefix : PREFIXES) {
                String value = annotations.get(prefix + name);
                if (value != null) {
                    return value.trim();
                }
            }
            return null;
        }

        boolean flag(String name, boolean otherwise) {
            String value = text(name);
            return switch (value == null ? "" : value.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                case "" -> otherwise;
                default -> {
                    complain(name, value, "true or false");
                    yield otherwise;
                }
            };
        }

        Duration seconds(String name, Duration otherwise) {
            String value = text(name);
            if (value == null || value.isEmpty()) {
                return otherwise;
            }
            try {
                long seconds = Long.parseLong(value.endsWith("s") ? value.substring(0, value.length() - 1) : value);
                if (seconds > 0) {
                    return Duration.ofSeconds(seconds);
                }
            } catch (NumberFormatException notANumber) {
                // Falls through to the complaint.
            }
            complain(name, value, "a number of seconds above 0");
            return otherwise;
        }

        long size(String name, long otherwise) {
            String value = text(name);
            if (value == null || value.isEmpty()) {
                return otherwise;
            }
            long unit = switch (Character.toLowerCase(value.charAt(value.length() - 1))) {
                case 'k' -> 1L << 10;
                case 'm' -> 1L << 20;
                case 'g' -> 1L << 30;
                default -> 1L;
            };
            try {
                return Math.multiplyExact(
                        Long.parseLong(unit == 1 ? value : value.substring(0, value.length() - 1)), unit);
            } catch (NumberFormatException | ArithmeticException e) {
                complain(name, value, "a size such as 8m");
                return otherwise;
            }
        }

        Protocol protocol() {
            String value = text("backend-protocol");
            return switch (value == null ? "HTTP" : value.toUpperCase(Locale.ROOT)) {
                case "HTTP", "AUTO_HTTP" -> Protocol.HTTP;
                case "HTTPS" -> Protocol.HTTPS;
                case "GRPC" -> Protocol.GRPC;
                default -> {
                    complain("backend-protocol", value, "HTTP, HTTPS or GRPC");
                    yield Protocol.HTTP;
                }
            };
        }

        boolean retryNonIdempotent() {
            String value = text("proxy-next-upstream");
            return value == null || List.of(value.split("\\s+")).contains("non_idempotent");
        }

        private void complain(String name, @Nullable String value, String expected) {
            problems.accept("annotation %s%s: \"%s\" is not %s".formatted(PREFIXES.getFirst(), name, value, expected));
        }
    }
}
