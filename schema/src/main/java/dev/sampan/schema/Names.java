package dev.sampan.schema;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Kubernetes' rules for names. Each check answers with what is wrong, in Kubernetes' words, or an empty list. */
public final class Names {

    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final String QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String LABEL_VALUE = "(" + QUALIFIED + ")?";
    private static final String CONFIG_KEY = "[-._a-zA-Z0-9]+";
    private static final String C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
    private static final String WILDCARD = "\\*\\." + SUBDOMAIN;

    private static final Pattern IS_LABEL = Pattern.compile(LABEL);
    private static final Pattern IS_SUBDOMAIN = Pattern.compile(SUBDOMAIN);
    private static final Pattern IS_LABEL_1035 = Pattern.compile(LABEL_1035);
    private static final Pattern IS_QUALIFIED = Pattern.compile(QUALIFIED);
    private static final Pattern IS_LABEL_VALUE = Pattern.compile(LABEL_VALUE);
    private static final Pattern IS_CONFIG_KEY = Pattern.compile(CONFIG_KEY);
    private static final Pattern IS_C_IDENTIFIER = Pattern.compile(C_IDENTIFIER);
    private static final Pattern IS_WILDCARD = Pattern.compile(WILDCARD);

    private Names() {}

    private static String pattern(String message, String pattern, String... examples) {
        var out = new StringBuilder(message).append(" (e.g. ");
        for (int i = 0; i < examples.length; i++) {
            out.append(i > 0 ? " or " : "").append('\'').append(examples[i]).append("', ");
        }
        return out.append("regex used for validation is '")
                .append(pattern)
                .append("')")
                .toString();
    }

    private static void length(List<String> errors, String value, int max) {
        if (value.getBytes(StandardCharsets.UTF_8).length > max) {
            errors.add("must be no more than " + max + " bytes");
        }
    }

    /** Namespaces, port names of containers and the like: at most 63 bytes. */
    public static List<String> dns1123Label(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 63);
        if (!IS_LABEL.matcher(value).matches()) {
            // A name that only has dots too much gets the shorter advice.
            errors.add(
                    IS_SUBDOMAIN.matcher(value).matches()
                            ? "must not contain dots"
                            : pattern(
                                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
                                            + " start and end with an alphanumeric character",
                                    LABEL,
                                    "my-name",
                                    "123-abc"));
        }
        return errors;
    }

    /** Most objects' names: at most 253 bytes. */
    public static List<String> dns1123Subdomain(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 253);
        if (!IS_SUBDOMAIN.matcher(value).matches()) {
            errors.add(pattern(
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start"
                            + " and end with an alphanumeric character",
                    SUBDOMAIN,
                    "example.com"));
        }
        return errors;
    }

    /** Services' names: begin with a letter, at most 63 bytes. */
    public static List<String> dns1035Label(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 63);
        if (!IS_LABEL_1035.matcher(value).matches()) {
            errors.add(pattern(
                    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic"
                            + " character, and end with an alphanumeric character",
                    LABEL_1035,
                    "my-name",
                    "abc-123"));
        }
        return errors;
    }

    /** Hosts of Ingress rules such as {@code *.example.com}. */
    public static List<String> wildcardDns1123Subdomain(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 253);
        if (!IS_WILDCARD.matcher(value).matches()) {
            errors.add(pattern(
                    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of"
                            + " lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                    WILDCARD,
                    "*.example.com"));
        }
        return errors;
    }

    /** Keys of labels and annotations, names of taints, finalizers: an optional DNS prefix, a slash, a name. */
    public static List<String> qualifiedName(String value) {
        var errors = new ArrayList<String>();
        var parts = value.split("/", -1);
        var name = parts[parts.length - 1];
        if (parts.length > 2) {
            errors.add("a qualified name "
                    + pattern(
                            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
                                    + " character",
                            QUALIFIED,
                            "MyName",
                            "my.name",
                            "123-abc")
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
            return errors;
        }
        if (parts.length == 2) {
            if (parts[0].isEmpty()) {
                errors.add("prefix part must be non-empty");
            } else {
                dns1123Subdomain(parts[0]).forEach(e -> errors.add("prefix part " + e));
            }
        }
        if (name.isEmpty()) {
            errors.add("name part must be non-empty");
        } else if (name.length() > 63) {
            errors.add("name part must be no more than 63 bytes");
        }
        if (!IS_QUALIFIED.matcher(name).matches()) {
            errors.add("name part "
                    + pattern(
                            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric"
                                    + " character",
                            QUALIFIED,
                            "MyName",
                            "my.name",
                            "123-abc"));
        }
        return errors;
    }

    public static List<String> labelValue(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 63);
        if (!IS_LABEL_VALUE.matcher(value).matches()) {
            errors.add(pattern(
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start"
                            + " and end with an alphanumeric character",
                    LABEL_VALUE,
                    "MyValue",
                    "my_value",
                    "12345"));
        }
        return errors;
    }

    /** Names that stand in a path and nowhere else, such as RBAC roles'. */
    public static List<String> pathSegment(String value) {
        if (value.equals(".")) {
            return List.of("may not be '.'");
        }
        if (value.equals("..")) {
            return List.of("may not be '..'");
        }
        var errors = new ArrayList<String>();
        if (value.contains("/")) {
            errors.add("may not contain '/'");
        }
        if (value.contains("%")) {
            errors.add("may not contain '%'");
        }
        return errors;
    }

    /** Keys of ConfigMaps and Secrets. */
    public static List<String> configKey(String value) {
        var errors = new ArrayList<String>();
        length(errors, value, 253);
        if (!IS_CONFIG_KEY.matcher(value).matches()) {
            errors.add(pattern(
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                    CONFIG_KEY,
                    "key.name",
                    "KEY_NAME",
                    "key-name"));
        } else if (value.equals(".")) {
            errors.add("must not be '.'");
        } else if (value.equals("..")) {
            errors.add("must not be '..'");
        } else if (value.startsWith("..")) {
            errors.add("must not start with '..'");
        }
        return errors;
    }

    /** Environment variables: any printable ASCII but {@code =}. */
    public static List<String> envVarName(String value) {
        if (value.isEmpty()) {
            return List.of("environment variable name must not be empty");
        }
        var plain = value.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '=');
        return plain
                ? List.of()
                : List.of(
                        "a valid environment variable name must consist only of printable ASCII characters other than '='");
    }

    /** Named ports: at most 15 characters with a letter among them. */
    public static List<String> portName(String value) {
        var errors = new ArrayList<String>();
        if (value.length() > 15) {
            errors.add("must be no more than 15 bytes");
        }
        if (!value.matches("[-a-z0-9]+")) {
            errors.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (value.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
            errors.add("must contain at least one letter (a-z)");
        }
        if (value.contains("--")) {
            errors.add("must not contain consecutive hyphens");
        }
        if (!value.isEmpty() && (value.startsWith("-") || value.endsWith("-"))) {
            errors.add("must not begin or end with a hyphen");
        }
        return errors;
    }

    public static List<String> portNumber(long port) {
        return port >= 1 && port <= 65535 ? List.of() : List.of("must be between 1 and 65535, inclusive");
    }

    public static List<String> cIdentifier(String value) {
        return IS_C_IDENTIFIER.matcher(value).matches()
                ? List.of()
                : List.of(pattern(
                        "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric"
                                + " characters or '_'",
                        C_IDENTIFIER,
                        "my_name",
                        "MY_NAME",
                        "MyName"));
    }
}
