package dev.sampan.schema.cel;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import dev.sampan.schema.cel.CelRules.Compiled;
import dev.sampan.schema.cel.CelRules.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One walk of one object along its rules, until they are done or have cost too much. Used once, by one thread. */
final class RuleRun {

    /** What all rules together may cost: about a second. */
    private static final long PER_OBJECT = 10_000_000;

    /** How Kubernetes prints the path of the object itself. */
    private static final String NO_PATH = "<nil>";

    private static final String OUT_OF_BUDGET =
            "validation failed due to running out of cost budget, no further validation rules will be run";

    private final List<FieldError> errors = new ArrayList<>();
    private long left = PER_OBJECT;

    List<FieldError> validate(ObjectNode object, @Nullable ObjectNode old, Node root) {
        visit(object, old, root, "");
        return List.copyOf(errors);
    }

    private boolean over() {
        return left < 0;
    }

    private void visit(JsonNode value, @Nullable JsonNode old, Node node, String path) {
        if (value.isNull() || over()) {
            return;
        }
        rules(value, old, node, path.isEmpty() ? NO_PATH : path);
        if (value instanceof ObjectNode object) {
            for (var entry : object.properties()) {
                var child = node.properties.getOrDefault(entry.getKey(), node.values);
                if (child != null) {
                    var oldChild = old == null ? null : old.get(entry.getKey());
                    var here = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
                    visit(entry.getValue(), oldChild, child, here);
                }
            }
        } else if (value instanceof ArrayNode list && node.items != null) {
            for (int i = 0; i < list.size(); i++) {
                visit(list.get(i), oldItem(list.get(i), old, node.schema), node.items, path + "[" + i + "]");
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

    private void rules(JsonNode value, @Nullable JsonNode old, Node node, String path) {
        if (node.rules.isEmpty()) {
            return;
        }
        var variables = new HashMap<String, Object>();
        variables.put("self", CelValues.of(value, node.schema));
        for (var rule : node.rules) {
            if (over()) {
                return;
            }
            var optional = rule.source().optionalOldSelf();
            if (rule.transition() ? old == null && !optional : value.equals(old)) {
                continue; // nothing to compare with, or ratcheting: what is as it was passes
            }
            if (rule.transition()) {
                var before = old == null ? null : CelValues.of(old, node.schema);
                variables.put("oldSelf", optional || before == null ? Optional.ofNullable(before) : before);
            }
            check(rule, variables, node, path);
        }
    }

    private void check(Compiled rule, Map<String, Object> variables, Node node, String path) {
        var type = node.schema.type().word();
        var meter = new CostMeter();
        try {
            boolean holds = Boolean.TRUE.equals(evaluate(rule.program(), variables, meter));
            if (over()) {
                errors.add(FieldError.invalid(path, type, OUT_OF_BUDGET));
            } else if (!holds) {
                fail(rule, variables, node, path);
            }
        } catch (CelEvaluationException | RuntimeException e) {
            if (over()) {
                errors.add(FieldError.invalid(path, type, OUT_OF_BUDGET));
            } else if (meter.exceeded()) {
                var why =
                        "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due"
                                + " to call cost exceeds limit for rule: " + text(rule.source());
                errors.add(FieldError.invalid(path, type, why));
                left = -1;
            } else if (e instanceof RuntimeException failure) {
                throw failure;
            } else {
                errors.add(FieldError.invalid(
                        path, type, EvaluationWords.of(e) + " evaluating rule: " + text(rule.source())));
            }
        }
    }

    /** CEL may absorb what the meter throws, in {@code ||}: then it is this that ends the evaluation. */
    private @Nullable Object evaluate(CelRuntime.Program program, Map<String, Object> variables, CostMeter meter)
            throws CelEvaluationException {
        try {
            var result = program.trace(variables, meter);
            if (meter.exceeded()) {
                throw new IllegalStateException("cost limit exceeded");
            }
            return result;
        } finally {
            left = meter.cost() > left ? -1 : left - meter.cost();
        }
    }

    private static String text(Schema.Rule rule) {
        return rule.message().isEmpty() ? rule.rule().strip() : rule.message();
    }

    private void fail(Compiled rule, Map<String, Object> variables, Node node, String path) {
        var source = rule.source();
        var detail =
                source.message().isEmpty() ? "failed rule: " + source.rule().strip() : source.message();
        if (rule.message() != null) {
            detail = message(rule.message(), variables, detail);
        }
        var parent = path.equals(NO_PATH) ? "" : path;
        var field = source.fieldPath().isEmpty() ? path : (parent + source.fieldPath()).replaceFirst("^\\.", "");
        var value = node.schema.type().word();
        errors.add(
                switch (source.reason()) {
                    case "FieldValueRequired" -> FieldError.required(field, detail);
                    case "FieldValueForbidden" -> FieldError.forbidden(field, detail);
                    case "FieldValueDuplicate" -> new FieldError(FieldError.Type.DUPLICATE, field, value, detail);
                    default -> FieldError.invalid(field, value, detail);
                });
    }

    private String message(CelRuntime.Program program, Map<String, Object> variables, String otherwise) {
        var meter = new CostMeter();
        try {
            var made = evaluate(program, variables, meter);
            return made == null ? otherwise : CelValues.text(made);
        } catch (CelEvaluationException keepTheFixedMessage) {
            return otherwise;
        } catch (RuntimeException e) {
            if (meter.exceeded()) {
                return otherwise;
            }
            throw e;
        }
    }
}
