package dev.sampan.schema;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** OpenAPI string and number formats that the API server checks; others pass. */
final class Formats {

    private static final Pattern UUID =
            Pattern.compile("(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
    private static final Pattern MAC =
            Pattern.compile("([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{4}\\.){2}[0-9A-Fa-f]{4}");
    private static final Pattern HOSTNAME = Pattern.compile(
            "([a-zA-Z0-9\\p{L}]([-a-zA-Z0-9\\p{L}]{0,61}[a-zA-Z0-9\\p{L}])?)(\\.[a-zA-Z0-9\\p{L}]([-a-zA-Z0-9\\p{L}]{0,61}[a-zA-Z0-9\\p{L}])?)*");
    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+");
    private static final Pattern HEX_COLOR = Pattern.compile("#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})");
    private static final Pattern DATE_TIME = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?");

    private Formats() {}

    static boolean fits(String format, String text) {
        return switch (format) {
            case "date-time", "datetime" -> DATE_TIME.matcher(text).matches() && isDate(text.substring(0, 10));
            case "date" -> isDate(text);
            case "duration" -> GoTime.isDuration(text);
            case "ipv4" -> IpAddresses.isV4(text);
            case "ipv6" -> IpAddresses.isV6(text);
            case "cidr" -> IpAddresses.isCidr(text);
            case "mac" -> MAC.matcher(text).matches();
            case "uuid" -> UUID.matcher(text).matches();
            case "uuid3", "uuid4", "uuid5" ->
                UUID.matcher(text).matches() && text.replace("-", "").charAt(12) == format.charAt(4);
            case "uri" -> isUri(text);
            case "email" -> EMAIL.matcher(text).matches();
            case "hostname" -> text.length() <= 255 && HOSTNAME.matcher(text).matches();
            case "hexcolor" -> HEX_COLOR.matcher(text).matches();
            case "byte" -> isBase64(text);
            case "quantity" -> isQuantity(text);
            case "k8s-short-name" -> Names.dns1123Label(text).isEmpty();
            case "k8s-long-name" -> Names.dns1123Subdomain(text).isEmpty();
            default -> true;
        };
    }

    static boolean inRange(String format, JsonNode number) {
        return switch (format) {
            case "int32" -> number.doubleValue() >= Integer.MIN_VALUE && number.doubleValue() <= Integer.MAX_VALUE;
            case "int64" -> Math.abs(number.doubleValue()) <= 0x1p63;
            case "float" -> Math.abs(number.doubleValue()) <= Float.MAX_VALUE;
            default -> true;
        };
    }

    private static boolean isDate(String text) {
        try {
            return LocalDate.parse(text).getYear() >= 0;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isUri(String text) {
        try {
            var uri = new URI(text);
            return uri.isAbsolute() || text.startsWith("/");
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isBase64(String text) {
        try {
            var unused = Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isQuantity(String text) {
        try {
            var unused = Quantity.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
