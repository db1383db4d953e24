package dev.sampan.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Which labels an object must have. Immutable. */
public final class LabelSelector {

    /** How a requirement compares; the word is the one of selector strings. */
    public enum Operator {
        IN("in"),
        NOT_IN("notin"),
        EQUALS("="),
        DOUBLE_EQUALS("=="),
        NOT_EQUALS("!="),
        GREATER_THAN("gt"),
        LESS_THAN("lt"),
        EXISTS("exists"),
        DOES_NOT_EXIST("!");

        private final String word;

        Operator(String word) {
            this.word = word;
        }

        /** As selector strings write it. */
        public String word() {
            return word;
        }
    }

    /** One condition on one label; all of a selector's must hold. */
    public record Requirement(String key, Operator operator, List<String> values) {

        boolean matches(@Nullable String label) {
            return switch (operator) {
                case IN, EQUALS, DOUBLE_EQUALS -> label != null && values.contains(label);
                case NOT_IN, NOT_EQUALS -> label == null || !values.contains(label);
                case EXISTS -> label != null;
                case DOES_NOT_EXIST -> label == null;
                case GREATER_THAN -> label != null && isInteger(label) && Long.parseLong(label) > bound();
                case LESS_THAN -> label != null && isInteger(label) && Long.parseLong(label) < bound();
            };
        }

        private long bound() {
            return Long.parseLong(values.getFirst());
        }

        @Override
        public String toString() {
            var sorted = values.stream().sorted().collect(Collectors.joining(","));
            return switch (operator) {
                case IN, NOT_IN -> key + " " + operator.word + " (" + sorted + ")";
                case EXISTS -> key;
                case DOES_NOT_EXIST -> "!" + key;
                case GREATER_THAN -> key + ">" + sorted;
                case LESS_THAN -> key + "<" + sorted;
                case EQUALS, DOUBLE_EQUALS, NOT_EQUALS -> key + operator.word + sorted;
            };
        }
    }

    private static final LabelSelector EVERYTHING = new LabelSelector(List.of(), true);
    private static final LabelSelector NOTHING = new LabelSelector(List.of(), false);

    private final List<Requirement> requirements;
    private final boolean selectsAny;

    private LabelSelector(List<Requirement> requirements, boolean selectsAny) {
        this.requirements = requirements;
        this.selectsAny = selectsAny;
    }

    public static LabelSelector everything() {
        return EVERYTHING;
    }

    public static LabelSelector nothing() {
        return NOTHING;
    }

    /** Of requirements that are known to be valid. */
    public static LabelSelector of(List<Requirement> requirements) {
        return new LabelSelector(
                requirements.stream()
                        .sorted(Comparator.comparing(Requirement::key))
                        .toList(),
                true);
    }

    /** Labels that must be there with exactly these values. */
    public static LabelSelector ofLabels(Map<String, String> labels) {
        return of(labels.entrySet().stream()
                .map(e -> new Requirement(e.getKey(), Operator.EQUALS, List.of(e.getValue())))
                .toList());
    }

    /**
     * Reads the string form of {@code ?labelSelector=}.
     *
     * @throws IllegalArgumentException in Kubernetes' words
     */
    public static LabelSelector parse(String text) {
        return of(new LabelSelectorParser(text).parse());
    }

    /**
     * Reads the object form ({@code matchLabels} and {@code matchExpressions}). An absent selector (null) selects nothing,
     * an empty one everything.
     *
     * @throws IllegalArgumentException in Kubernetes' words
     */
    public static LabelSelector of(@Nullable JsonNode selector) {
        if (selector == null || selector.isNull() || selector.isMissingNode()) {
            return NOTHING;
        }
        var requirements = new ArrayList<Requirement>();
        selector.path("matchLabels")
                .properties()
                .forEach(e -> requirements.add(requirement(
                        e.getKey(), Operator.EQUALS, List.of(e.getValue().asString("")))));
        for (var expression : selector.path("matchExpressions")) {
            var values = new ArrayList<String>();
            expression.path("values").forEach(v -> values.add(v.asString("")));
            var operator = operator(expression.path("operator").asString(""));
            requirements.add(requirement(expression.path("key").asString(""), operator, values));
        }
        return of(requirements);
    }

    private static Operator operator(String word) {
        return switch (word) {
            case "In" -> Operator.IN;
            case "NotIn" -> Operator.NOT_IN;
            case "Exists" -> Operator.EXISTS;
            case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
            default ->
                throw new IllegalArgumentException(FieldValues.quote(word) + " is not a valid label selector operator");
        };
    }

    /** A checked requirement. @throws IllegalArgumentException in Kubernetes' words, with every error there is */
    public static Requirement requirement(String key, Operator operator, List<String> values) {
        var errors = new ArrayList<FieldError>();
        var keyErrors = Names.qualifiedName(key);
        if (!keyErrors.isEmpty()) {
            errors.add(FieldError.invalid("key", key, String.join("; ", keyErrors)));
        }
        var arity = wrongArity(operator, values);
        if (arity != null) {
            errors.add(new FieldError(FieldError.Type.INVALID, "values", quoted(values), arity));
        }
        for (int i = 0; i < values.size(); i++) {
            var value = values.get(i);
            if ((operator == Operator.GREATER_THAN || operator == Operator.LESS_THAN) && !isInteger(value)) {
                errors.add(FieldError.invalid(
                        "values[" + i + "]", value, "for 'Gt', 'Lt' operators, the value must be an integer"));
            }
            var valueErrors = Names.labelValue(value);
            if (!valueErrors.isEmpty()) {
                errors.add(FieldError.invalid("values[" + i + "][" + key + "]", value, String.join("; ", valueErrors)));
            }
        }
        if (errors.isEmpty()) {
            return new Requirement(key, operator, List.copyOf(values));
        }
        throw new IllegalArgumentException(aggregate(errors));
    }

    private static @Nullable String wrongArity(Operator operator, List<String> values) {
        return switch (operator) {
            case IN, NOT_IN -> values.isEmpty() ? "for 'in', 'notin' operators, values set can't be empty" : null;
            case EQUALS, DOUBLE_EQUALS, NOT_EQUALS ->
                values.size() == 1 ? null : "exact-match compatibility requires one single value";
            case EXISTS, DOES_NOT_EXIST ->
                values.isEmpty() ? null : "values set must be empty for exists and does not exist";
            case GREATER_THAN, LESS_THAN ->
                values.size() == 1 ? null : "for 'Gt', 'Lt' operators, exactly one value is required";
        };
    }

    private static Object quoted(List<String> values) {
        var mapper = tools.jackson.databind.node.JsonNodeFactory.instance.arrayNode();
        values.forEach(mapper::add);
        return mapper;
    }

    private static String aggregate(List<FieldError> errors) {
        var lines = errors.stream().map(FieldError::toString).toList();
        return lines.size() == 1 ? lines.getFirst() : "[" + String.join(", ", lines) + "]";
    }

    private static boolean isInteger(String text) {
        return text.matches("[+-]?[0-9]{1,18}");
    }

    public boolean matches(Map<String, String> labels) {
        return selectsAny && requirements.stream().allMatch(r -> r.matches(labels.get(r.key)));
    }

    /** Matches against {@code metadata.labels} of an object; null is an object without labels. */
    public boolean matches(@Nullable JsonNode labels) {
        if (!selectsAny) {
            return false;
        }
        for (var requirement : requirements) {
            var label = labels == null ? null : labels.get(requirement.key);
            if (!requirement.matches(label == null ? null : label.asString(""))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it selects everything. */
    public boolean isEmpty() {
        return selectsAny && requirements.isEmpty();
    }

    /** Ordered by key. */
    public List<Requirement> requirements() {
        return requirements;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof LabelSelector s && s.selectsAny == selectsAny && s.requirements.equals(requirements);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new Object[] {requirements, selectsAny});
    }

    /** The string form. */
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
