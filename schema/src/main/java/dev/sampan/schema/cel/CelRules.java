package dev.sampan.schema.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.Program;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * All CEL rules of one schema, compiled. Immutable and thread-safe. Rules that mention {@code oldSelf} are transition rules:
 * they run when there is an old value that is the same one as the new (not inside atomic lists and sets).
 */
public final class CelRules {

    private static final Pattern OLD_SELF = Pattern.compile("\\boldSelf\\b");
    private static final Pattern ABSENT_KEY = Pattern.compile("key '(.*)' is not present in map\\.");
    private static final Pattern STRINGS = Pattern.compile("\"(\\\\.|[^\"\\\\])*\"|'(\\\\.|[^'\\\\])*'");

    /** No rules. */
    public static final CelRules NONE = new CelRules();

    private record Compiled(
            Schema.Rule source, Program program, @Nullable Program message, boolean transition) {}

    /** Rules at one place of a schema and below it. */
    private static final class Node {
        private final Schema schema;
        private final List<Compiled> rules = new ArrayList<>();
        private final Map<String, Node> properties = new HashMap<>();
        private @Nullable Node items;
        private @Nullable Node values;

        Node(Schema schema) {
            this.schema = schema;
        }

        boolean isEmpty() {
            return rules.isEmpty() && properties.isEmpty() && items == null && values == null;
        }
    }

    private final @Nullable Node root;
    private final List<FieldError> problems = new ArrayList<>();

    private CelRules() {
        this.root = null;
    }

    private CelRules(Schema schema, String path) {
        this.root = hasRules(schema) ? node(schema, path, new CelCompilation()) : null;
    }

    /**
     * Compiles every rule of {@code schema}.
     *
     * @param path where the schema stands in its CRD, for {@link #problems}
     */
    public static CelRules compile(Schema schema, String path) {
        return new CelRules(schema, path);
    }

    /** Rules that do not compile, as errors of the CRD; the others work. */
    public List<FieldError> problems() {
        return List.copyOf(problems);
    }

    public boolean isEmpty() {
        return root == null || root.isEmpty();
    }

    private static boolean hasRules(Schema schema) {
        if (schema.builtin()) {
            return false;
        }
        return !schema.rules().isEmpty()
                || schema.properties().values().stream().anyMatch(CelRules::hasRules)
                || schema.items() != null && hasRules(schema.items())
                || schema.additionalProperties() != null && hasRules(schema.additionalProperties());
    }

    private Node node(Schema schema, String path, CelCompilation compilation) {
        var node = new Node(schema);
        int index = 0;
        for (var rule : schema.rules()) {
            var here = path + ".x-kubernetes-validations[" + index++ + "]";
            compile(rule, schema, here, compilation).ifPresent(node.rules::add);
        }
        schema.properties().forEach((name, property) -> {
            if (hasRules(property)) {
                node.properties.put(name, node(property, path + ".properties[" + name + "]", compilation));
            }
        });
        if (schema.items() != null && hasRules(schema.items())) {
            node.items = node(schema.items(), path + ".items", compilation);
        }
        if (schema.additionalProperties() != null && hasRules(schema.additionalProperties())) {
            node.values = node(schema.additionalProperties(), path + ".additionalProperties", compilation);
        }
        return node;
    }

    private Optional<Compiled> compile(Schema.Rule rule, Schema schema, String path, CelCompilation compilation) {
        if (rule.rule().isBlank()) {
            problems.add(FieldError.required(path + ".rule", "rule is not specified"));
            return Optional.empty();
        }
        try {
            var program = compilation.rule(schema, rule);
            var message = rule.messageExpression().isEmpty() ? null : compilation.message(schema, rule);
            var transition = OLD_SELF.matcher(STRINGS.matcher(rule.rule()).replaceAll(""))
                    .find();
            return Optional.of(new Compiled(rule, program, message, transition));
        } catch (CelCompilation.Failure e) {
            problems.add(FieldError.invalid(path + ".rule", rule.rule(), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /**
     * What the rules say of an object that has passed structural validation.
     *
     * @param old the object before an update; null on a create
     */
    public List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old) {
        var errors = new ArrayList<FieldError>();
        if (root != null) {
            visit(object, old, root, "", errors);
        }
        return List.copyOf(errors);
    }

    private static void visit(JsonNode value, @Nullable JsonNode old, Node node, String path, List<FieldError> errors) {
        if (value.isNull()) {
            return;
        }
        rules(value, old, node, path, errors);
        if (value instanceof ObjectNode object) {
            for (var entry : object.properties()) {
                var child = node.properties.getOrDefault(entry.getKey(), node.values);
                if (child != null) {
                    var oldChild = old == null ? null : old.get(entry.getKey());
                    var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                    visit(entry.getValue(), oldChild, child, here, errors);
                }
            }
        } else if (value instanceof ArrayNode list && node.items != null) {
            for (int i = 0; i < list.size(); i++) {
                visit(list.get(i), oldItem(list.get(i), old, node.schema), node.items, path + "[" + i + "]", errors);
            }
        }
    }

    /** The item with the same keys; only associative lists know which one that is. */
    private static @Nullable JsonNode oldItem(JsonNode item, @Nullable JsonNode old, Schema list) {
        if (old == null || list.listType() != Schema.ListType.MAP) {
            return null;
        }
        for (var candidate : old) {
            if (list.listMapKeys().stream().allMatch(k -> keyOf(item, k).equals(keyOf(candidate, k)))) {
                return candidate;
            }
        }
        return null;
    }

    private static JsonNode keyOf(JsonNode item, String key) {
        var value = item.get(key);
        return value == null ? JsonNodeFactory.instance.missingNode() : value;
    }

    private static void rules(JsonNode value, @Nullable JsonNode old, Node node, String path, List<FieldError> errors) {
        if (node.rules.isEmpty()) {
            return;
        }
        var variables = new HashMap<String, Object>();
        variables.put("self", CelValues.of(value, node.schema));
        for (var rule : node.rules) {
            var optional = rule.source.optionalOldSelf();
            if (rule.transition ? old == null && !optional : value.equals(old)) {
                continue; // nothing to compare with, or ratcheting: what is as it was passes
            }
            if (rule.transition) {
                var before = old == null ? null : CelValues.of(old, node.schema);
                variables.put("oldSelf", optional || before == null ? Optional.ofNullable(before) : before);
            }
            check(rule, variables, node, path, errors);
        }
    }

    private static void check(
            Compiled rule, Map<String, Object> variables, Node node, String path, List<FieldError> errors) {
        try {
            if (!Boolean.TRUE.equals(rule.program.eval(variables))) {
                errors.add(failure(rule, variables, node, path));
            }
        } catch (CelEvaluationException e) {
            errors.add(FieldError.invalid(path, node.schema.type().word(), words(e, rule.source)));
        }
    }

    /** cel-java's message in cel-go's words. */
    private static String words(CelEvaluationException e, Schema.Rule rule) {
        var message = String.valueOf(e.getMessage()).replaceFirst("^evaluation error[^:]*:[^:]*: ", "");
        if (message.startsWith("Iteration budget exceeded")) {
            return "validation failed due to running out of cost budget, no further validation rules will be run";
        }
        return ABSENT_KEY.matcher(message).replaceFirst("no such key: $1") + " evaluating rule: " + text(rule);
    }

    private static String text(Schema.Rule rule) {
        return rule.message().isEmpty() ? rule.rule().strip() : rule.message();
    }

    private static FieldError failure(Compiled rule, Map<String, Object> variables, Node node, String path) {
        var source = rule.source;
        var detail =
                source.message().isEmpty() ? "failed rule: " + source.rule().strip() : source.message();
        if (rule.message != null) {
            try {
                detail = CelValues.text(rule.message.eval(variables));
            } catch (CelEvaluationException keepTheFixedMessage) {
                detail = source.message().isEmpty() ? detail : source.message();
            }
        }
        var field = source.fieldPath().isEmpty() ? path : (path + source.fieldPath()).replaceFirst("^\\.", "");
        var value = node.schema.type().word();
        return switch (source.reason()) {
            case "FieldValueRequired" -> FieldError.required(field, detail);
            case "FieldValueForbidden" -> FieldError.forbidden(field, detail);
            case "FieldValueDuplicate" -> new FieldError(FieldError.Type.DUPLICATE, field, value, detail);
            default -> FieldError.invalid(field, value, detail);
        };
    }
}
