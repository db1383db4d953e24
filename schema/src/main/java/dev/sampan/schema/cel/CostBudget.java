package dev.sampan.schema.cel;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether the rules of one schema can cost too much, one by one and together. Used once, by one thread. */
final class CostBudget {

    private static final long PER_RULE = 10_000_000;
    private static final long PER_SCHEMA = 100_000_000;
    private static final int NAMED = 4;

    private record Cost(String path, long cost) {}

    private final List<FieldError> problems;
    private final List<Cost> largest = new ArrayList<>();
    private long total;

    CostBudget(List<FieldError> problems) {
        this.problems = problems;
    }

    /**
     * How often a value of {@code schema} can be there.
     *
     * @param above how often the value around the list or map {@code parent} can be; null when that has no bound
     * @return null when there is no bound
     */
    static @Nullable Long occurrences(@Nullable Long above, Schema parent) {
        var bounds = parent.bounds();
        Long most = 1L;
        if (parent.type() == Schema.Type.ARRAY) {
            most = bounds == null ? null : bounds.maxItems();
        } else if (parent.isMap()) {
            most = bounds == null ? null : bounds.maxProperties();
        }
        return above == null || most == null ? null : (Long) CostRange.product(above, most);
    }

    void rule(String path, long once, @Nullable Long occurrences, Schema schema) {
        long times = occurrences != null ? occurrences : DeclaredSizes.mostOccurrences(schema);
        observe("estimated rule cost", path, CostRange.product(once, times));
    }

    /** A message is made once. */
    void message(String path, long once) {
        observe("estimated messageExpression cost", path, once);
    }

    private void observe(String what, String path, long cost) {
        if (cost > PER_RULE) {
            problems.add(FieldError.forbidden(path, exceeds(what, cost, PER_RULE)));
        }
        total = CostRange.sum(total, cost);
        if (cost >= PER_SCHEMA / 100) {
            largest.add(new Cost(path, cost));
        }
    }

    /** After the last rule. @param path of the schema */
    void finish(String path) {
        if (total <= PER_SCHEMA) {
            return;
        }
        largest.stream()
                .sorted(Comparator.comparingLong(Cost::cost).reversed())
                .limit(NAMED)
                .forEach(c -> problems.add(FieldError.forbidden(
                        c.path,
                        "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")));
        problems.add(FieldError.forbidden(
                path,
                exceeds(
                        "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                        total,
                        PER_SCHEMA)));
    }

    private static String exceeds(String what, long cost, long limit) {
        double factor = (double) cost / limit;
        var shown =
                factor > 100 ? "more than 100x" : String.format(Locale.ROOT, factor < 1.5 ? "%fx" : "%.1fx", factor);
        return what + " exceeds budget by factor of " + shown
                + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and"
                + " strings are declared)";
    }
}
