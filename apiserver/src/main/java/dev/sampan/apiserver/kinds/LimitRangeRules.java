package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.KindRules;
import dev.sampan.schema.FieldError;
import dev.sampan.schema.Quantity;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** LimitRanges. */
final class LimitRangeRules implements KindRules {

    private static final String[] LISTS = {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"};

    @Override
    public void setDefaults(ObjectNode range) {
        for (var i : range.path("spec").path("limits")) {
            if (i instanceof ObjectNode item && Meta.text(item, "type").equals("Container")) {
                fill(item, "default", "max");
                fill(item, "defaultRequest", "default");
                fill(item, "defaultRequest", "min");
            }
        }
    }

    private static void fill(ObjectNode item, String to, String from) {
        for (var entry : item.path(from).properties()) {
            Defaults.object(item, to).putIfAbsent(entry.getKey(), entry.getValue());
        }
    }

    @Override
    public List<FieldError> validate(ObjectNode range) {
        var errors = new Errors();
        var types = new HashSet<String>();
        for (var item : Field.of(range, "spec").at("limits").items()) {
            if (item.text("type").isEmpty()) {
                errors.required(item.at("type"), "");
            } else if (!types.add(item.text("type"))) {
                errors.duplicate(item.at("type"));
            }
            item(errors, item);
        }
        return errors.list();
    }

    private static void item(Errors errors, Field item) {
        var resources = new TreeSet<String>();
        for (var list : LISTS) {
            item.at(list).value().properties().forEach(e -> resources.add(e.getKey()));
        }
        if (item.text("type").equals("Pod")) {
            for (var list : new String[] {"default", "defaultRequest"}) {
                if (!item.at(list).value().isEmpty()) {
                    errors.forbidden(item.at(list), "may not be specified when `type` is 'Pod'");
                }
            }
        }
        if (item.text("type").equals("PersistentVolumeClaim")
                && !item.at("min").has("storage")
                && !item.at("max").has("storage")) {
            errors.required(
                    item.at("limits"), "either minimum or maximum storage value is required, but neither was provided");
        }
        ratios(errors, item.at("maxLimitRequestRatio"));
        for (var name : resources) {
            ordered(errors, item, name, "min", "max");
            ordered(errors, item, name, "min", "defaultRequest");
            ordered(errors, item, name, "defaultRequest", "max");
            ordered(errors, item, name, "defaultRequest", "default");
            ordered(errors, item, name, "min", "default");
            ordered(errors, item, name, "default", "max");
        }
    }

    private static void ratios(Errors errors, Field ratios) {
        for (var entry : ratios.value().properties()) {
            var ratio = amount(ratios.key(entry.getKey()));
            if (ratio != null && ratio.compareTo(Quantity.of(1)) < 0) {
                errors.invalid(
                        ratios.key(entry.getKey()), ratio.toString(), "ratio %s is less than 1".formatted(ratio));
            }
        }
    }

    private static void ordered(Errors errors, Field item, String name, String lower, String upper) {
        var low = amount(item.at(lower).key(name));
        var high = amount(item.at(upper).key(name));
        if (low != null && high != null && low.compareTo(high) > 0) {
            errors.invalid(
                    item.at(lower).key(name),
                    low.toString(),
                    "%s value %s is greater than %s value %s".formatted(words(lower), low, words(upper), high));
        }
    }

    private static String words(String list) {
        return list.equals("defaultRequest") ? "default request" : list;
    }

    private static @Nullable Quantity amount(Field field) {
        return field.present() ? new Errors().quantity(field) : null;
    }
}
