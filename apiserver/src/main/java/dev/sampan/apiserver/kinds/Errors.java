package dev.sampan.apiserver.kinds;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.LabelSelector;
import dev.sampan.schema.Names;
import dev.sampan.schema.Quantity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Collects what is wrong with an object, with the checks that many kinds share. Owned by one validation. */
final class Errors {

    static final String NOT_NEGATIVE = "must be greater than or equal to 0";
    static final String IMMUTABLE = "field is immutable";

    private final List<FieldError> list = new ArrayList<>();

    List<FieldError> list() {
        return list;
    }

    boolean isEmpty() {
        return list.isEmpty();
    }

    void add(FieldError error) {
        list.add(error);
    }

    void required(Field field, String detail) {
        list.add(FieldError.required(field.path(), detail));
    }

    void invalid(Field field, String detail) {
        list.add(FieldError.invalid(field.path(), shown(field), detail));
    }

    void invalid(Field field, @Nullable Object value, String detail) {
        list.add(FieldError.invalid(field.path(), value, detail));
    }

    void forbidden(Field field, String detail) {
        list.add(FieldError.forbidden(field.path(), detail));
    }

    void duplicate(Field field) {
        list.add(FieldError.duplicate(field.path(), shown(field)));
    }

    void notFound(Field field) {
        list.add(FieldError.notFound(field.path(), shown(field)));
    }

    private static Object shown(Field field) {
        return field.present() ? field.value() : "";
    }

    /** One of a closed set; {@code supported} in the order that the message shows. */
    void oneOf(Field field, Collection<String> supported) {
        if (!supported.contains(field.text())) {
            list.add(FieldError.notSupported(field.path(), field.text(), supported));
        }
    }

    /** Required, and one of a closed set. */
    void requiredOneOf(Field field, Collection<String> supported) {
        if (field.text().isEmpty()) {
            required(field, "");
        } else {
            oneOf(field, supported);
        }
    }

    /** What {@link Names} found wrong with a field's text. */
    void names(Field field, List<String> problems) {
        problems.forEach(p -> list.add(FieldError.invalid(field.path(), field.text(), p)));
    }

    void notNegative(Field field) {
        if (field.present() && field.number(0) < 0) {
            invalid(field, NOT_NEGATIVE);
        }
    }

    void positive(Field field) {
        if (field.present() && field.number(1) <= 0) {
            invalid(field, "must be greater than 0");
        }
    }

    void range(Field field, long min, long max) {
        if (field.present() && (field.number(min) < min || field.number(min) > max)) {
            invalid(field, "must be between " + min + " and " + max + ", inclusive");
        }
    }

    /** A port number. */
    void port(Field field) {
        Names.portNumber(field.number(0)).forEach(p -> invalid(field, field.number(0), p));
    }

    /** A port number or name, as probes and Services have it. */
    void portOrName(Field field) {
        if (field.value().isString()) {
            Names.portName(field.text()).forEach(p -> invalid(field, p));
        } else {
            port(field);
        }
    }

    /** A map of labels. */
    void labels(Field labels) {
        for (var entry : labels.value().properties()) {
            for (var problem : Names.qualifiedName(entry.getKey())) {
                invalid(labels, entry.getKey(), problem);
            }
            for (var problem : Names.labelValue(entry.getValue().stringValue(""))) {
                invalid(labels.at(entry.getKey()), entry.getValue(), problem);
            }
        }
    }

    /** The object form of a label selector. */
    void selector(Field selector) {
        labels(selector.at("matchLabels"));
        for (var expression : selector.at("matchExpressions").items()) {
            var values = expression.at("values");
            switch (expression.text("operator")) {
                case "In", "NotIn" -> {
                    if (values.value().isEmpty()) {
                        required(values, "must be specified when `operator` is 'In' or 'NotIn'");
                    }
                }
                case "Exists", "DoesNotExist" -> {
                    if (!values.value().isEmpty()) {
                        forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    }
                }
                default ->
                    invalid(expression.at("operator"), expression.text("operator"), "not a valid selector operator");
            }
            for (var problem : Names.qualifiedName(expression.text("key"))) {
                invalid(expression.at("key"), expression.text("key"), problem);
            }
            for (var value : values.items()) {
                names(value, Names.labelValue(value.text()));
            }
        }
    }

    /** A selector that was checked with {@link #selector}; null when it is broken. */
    static @Nullable LabelSelector parsed(JsonNode selector) {
        try {
            return LabelSelector.of(selector);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A quantity that parses; null and an error otherwise. */
    @Nullable
    Quantity quantity(Field field) {
        var text = field.value().isNumber() ? field.value().toString() : field.text();
        try {
            return Quantity.parse(text);
        } catch (IllegalArgumentException e) {
            invalid(field, text, String.valueOf(e.getMessage()));
            return null;
        }
    }

    @Nullable
    Quantity quantityNotNegative(Field field) {
        var quantity = quantity(field);
        if (quantity != null && quantity.signum() < 0) {
            invalid(field, quantity.toString(), NOT_NEGATIVE);
        }
        return quantity;
    }

    /** A field of the new object that must be as it was. */
    void immutable(Field now, Field before) {
        if (!same(now, before)) {
            invalid(now, IMMUTABLE);
        }
    }

    /** Equal, where absent, null and empty mean the same. */
    static boolean same(Field now, Field before) {
        return isNothing(now.value()) ? isNothing(before.value()) : now.value().equals(before.value());
    }

    private static boolean isNothing(JsonNode node) {
        return node.isMissingNode()
                || node.isNull()
                || (node.isContainer() && node.isEmpty())
                || (node.isString() && node.stringValue().isEmpty());
    }
}
