package dev.sampan.schema.cel;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** How property names that CEL cannot say are escaped in rules ({@code foo-bar} is {@code foo__dash__bar}). */
final class CelNames {

    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");
    private static final Pattern ACCESSIBLE = Pattern.compile("[a-zA-Z_.-][a-zA-Z0-9_./-]*");

    private CelNames() {}

    /** Empty when rules cannot name the property at all. */
    static Optional<String> escape(String name) {
        if (RESERVED.contains(name)) {
            return Optional.of("__" + name + "__");
        }
        if (!ACCESSIBLE.matcher(name).matches()) {
            return Optional.empty();
        }
        return Optional.of(name.replace("__", "__underscores__")
                .replace(".", "__dot__")
                .replace("-", "__dash__")
                .replace("/", "__slash__"));
    }
}
