package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.Quantity;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** One item of a LimitRange against what something asks for. */
record LimitCheck(JsonNode item, Amounts requests, Amounts limits, List<String> problems) {

    void all() {
        Amounts.of(item.path("min")).byName().forEach(this::min);
        Amounts.of(item.path("max")).byName().forEach(this::max);
        Amounts.of(item.path("maxLimitRequestRatio")).byName().forEach(this::ratio);
    }

    /** Of things that have requests only, such as claims. */
    void minAndMaxRequest() {
        Amounts.of(item.path("min")).byName().forEach(this::min);
        Amounts.of(item.path("max")).byName().forEach((name, bound) -> {
            var request = requests.get(name);
            if (request != null && request.compareTo(bound) > 0) {
                problems.add(usage("maximum", name, bound) + ", but request is " + request);
            }
        });
    }

    private void min(String name, Quantity bound) {
        var request = requests.get(name);
        var limit = limits.get(name);
        if (request == null) {
            problems.add(usage("minimum", name, bound) + ".  No request is specified");
        } else if (request.compareTo(bound) < 0) {
            problems.add(usage("minimum", name, bound) + ", but request is " + request);
        }
        if (limit != null && limit.compareTo(bound) < 0) {
            problems.add(usage("minimum", name, bound) + ", but limit is " + limit);
        }
    }

    private void max(String name, Quantity bound) {
        var request = requests.get(name);
        var limit = limits.get(name);
        if (limit == null) {
            problems.add(usage("maximum", name, bound) + ".  No limit is specified");
        } else if (limit.compareTo(bound) > 0) {
            problems.add(usage("maximum", name, bound) + ", but limit is " + limit);
        }
        if (request != null && request.compareTo(bound) > 0) {
            problems.add(usage("maximum", name, bound) + ", but request is " + request);
        }
    }

    private void ratio(String name, Quantity bound) {
        var what = "%s max limit to request ratio per %s is %s".formatted(name, type(), bound);
        var request = requests.get(name);
        var limit = limits.get(name);
        if (request == null || request.isZero()) {
            problems.add(what + ", but no request is specified or request is 0");
        } else if (limit == null || limit.isZero()) {
            problems.add(what + ", but no limit is specified or limit is 0");
        } else {
            var provided = limit.value().divide(request.value(), MathContext.DECIMAL64);
            if (provided.compareTo(bound.value()) > 0) {
                problems.add(what + ", but provided ratio is " + String.format(Locale.ROOT, "%f", provided));
            }
        }
    }

    private String usage(String which, String name, Quantity bound) {
        return "%s %s usage per %s is %s".formatted(which, name, type(), bound);
    }

    private String type() {
        return Meta.text(item, "type");
    }
}
