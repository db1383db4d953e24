package dev.sampan.schema.cel;

import dev.cel.runtime.CelRuntime;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * All CEL rules of one schema, compiled. Immutable and thread-safe. Rules that mention {@code oldSelf} are transition rules:
 * they run when there is an old value that is the same one as the new (not inside atomic lists and sets).
 */
public final class CelRules {

    private static final Pattern OLD_SELF = Pattern.compile("\\boldSelf\\b");
    private static final Pattern STRINGS = Pattern.compile("\"(\\\\.|[^\"\\\\])*\"|'(\\\\.|[^'\\\\])*'");

    /** No rules. */
    public static final CelRules NONE = new CelRules();

    record Compiled(
            Schema.Rule source, CelRuntime.Program program, CelRuntime.@Nullable Program message, boolean transition) {}

    /** Rules at one place of a schema and below it. */
    static final class Node {
        final Schema schema;
        final List<Compiled> rules = new ArrayList<>();
        final Map<String, Node> properties = new HashMap<>();

        @Nullable
        Node items;

        @Nullable
        Node values;

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
        var budget = new CostBudget(problems);
        this.root = hasRules(schema) ? node(schema, path, 1L, new CelCompilation(), budget) : null;
        budget.finish(path);
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

    private Node node(
            Schema schema, String path, @Nullable Long occurrences, CelCompilation compilation, CostBudget budget) {
        var node = new Node(schema);
        var below = CostBudget.occurrences(occurrences, schema);
        int index = 0;
        for (var rule : schema.rules()) {
            var here = path + ".x-kubernetes-validations[" + index++ + "]";
            compile(rule, schema, here, occurrences, compilation, budget).ifPresent(node.rules::add);
        }
        schema.properties().forEach((name, property) -> {
            if (hasRules(property)) {
                var here = path + ".properties[" + name + "]";
                node.properties.put(name, node(property, here, below, compilation, budget));
            }
        });
        if (schema.items() != null && hasRules(schema.items())) {
            node.items = node(schema.items(), path + ".items", below, compilation, budget);
        }
        if (schema.additionalProperties() != null && hasRules(schema.additionalProperties())) {
            var here = path + ".additionalProperties";
            node.values = node(schema.additionalProperties(), here, below, compilation, budget);
        }
        return node;
    }

    private Optional<Compiled> compile(
            Schema.Rule rule,
            Schema schema,
            String path,
            @Nullable Long occurrences,
            CelCompilation compilation,
            CostBudget budget) {
        if (rule.rule().isBlank()) {
            problems.add(FieldError.required(path + ".rule", "rule is not specified"));
            return Optional.empty();
        }
        try {
            var program = compilation.rule(schema, rule);
            budget.rule(path + ".rule", program.mostCost(), occurrences, schema);
            var message = message(rule, schema, path, compilation, budget);
            var transition = OLD_SELF.matcher(STRINGS.matcher(rule.rule()).replaceAll(""))
                    .find();
            return Optional.of(new Compiled(rule, program.program(), message, transition));
        } catch (CelCompilation.Failure e) {
            problems.add(FieldError.invalid(path + ".rule", rule.rule(), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private CelRuntime.@Nullable Program message(
            Schema.Rule rule, Schema schema, String path, CelCompilation compilation, CostBudget budget) {
        if (rule.messageExpression().isEmpty()) {
            return null;
        }
        var here = path + ".messageExpression";
        try {
            var message = compilation.message(schema, rule);
            budget.message(here, message.mostCost());
            return message.program();
        } catch (CelCompilation.Failure e) {
            var why = "messageExpression " + e.getMessage();
            problems.add(FieldError.invalid(here, rule.messageExpression(), why));
            return null;
        }
    }

    /**
     * What the rules say of an object that has passed structural validation.
     *
     * @param old the object before an update; null on a create
     */
    public List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old) {
        return root == null ? List.of() : new RuleRun().validate(object, old, root);
    }
}
