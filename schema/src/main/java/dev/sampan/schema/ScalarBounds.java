package dev.sampan.schema;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Limits on one string or number. */
final class ScalarBounds {

    private ScalarBounds() {}

    static List<FieldError> check(JsonNode value, Bounds bounds, String path) {
        var errors = new ArrayList<FieldError>();
        if (value.isNumber()) {
            number(value, bounds, path, errors);
        } else if (value.isString()) {
            string(value.stringValue(), bounds, path, errors);
        }
        return errors;
    }

    private static void number(JsonNode value, Bounds bounds, String path, List<FieldError> errors) {
        var number = value.decimalValue();
        if (bounds.multipleOf() != null
                && bounds.multipleOf().signum() > 0
                && number.remainder(bounds.multipleOf()).signum() != 0) {
            errors.add(invalid(path, value, "should be a multiple of " + plain(bounds.multipleOf())));
        }
        if (bounds.maximum() != null) {
            var order = number.compareTo(bounds.maximum());
            if (order > 0 || order == 0 && bounds.exclusiveMaximum()) {
                var words = bounds.exclusiveMaximum() ? "should be less than " : "should be less than or equal to ";
                errors.add(invalid(path, value, words + plain(bounds.maximum())));
            }
        }
        if (bounds.minimum() != null) {
            var order = number.compareTo(bounds.minimum());
            if (order < 0 || order == 0 && bounds.exclusiveMinimum()) {
                var words =
                        bounds.exclusiveMinimum() ? "should be greater than " : "should be greater than or equal to ";
                errors.add(invalid(path, value, words + plain(bounds.minimum())));
            }
        }
    }

    private static void string(String text, Bounds bounds, String path, List<FieldError> errors) {
        var length = text.codePointCount(0, text.length());
        if (bounds.maxLength() != null && length > bounds.maxLength()) {
            errors.add(FieldError.tooLong(path, bounds.maxLength()));
        }
        if (bounds.minLength() != null && length < bounds.minLength()) {
            errors.add(invalid(path, text, "should be at least " + bounds.minLength() + " chars long"));
        }
        if (bounds.pattern() != null && !bounds.pattern().found(text)) {
            errors.add(invalid(path, text, "should match '" + bounds.pattern() + "'"));
        }
    }

    private static FieldError invalid(String path, Object value, String words) {
        return FieldError.invalid(path, value, path + " in body " + words);
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
