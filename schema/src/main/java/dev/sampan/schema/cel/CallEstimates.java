package dev.sampan.schema.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.ListType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What calls can cost: cel-go's own functions and the ones that Kubernetes adds ({@code cel/library/cost.go}). */
final class CallEstimates {

    /** Of one character or byte that is looked at. */
    static final double TRAVERSAL = 0.1;
    /** Of one character of a regular expression. */
    static final double PATTERN = 0.25;

    /** @param size of the result; null when it follows from nothing */
    record Estimate(CostRange cost, @Nullable CostRange size) {

        static Estimate of(CostRange cost) {
            return new Estimate(cost, null);
        }
    }

    private final CostEstimate sizes;

    CallEstimates(CostEstimate sizes) {
        this.sizes = sizes;
    }

    /** The cost of the call, arguments included, target not. */
    Estimate of(CelExpr e, String overload, List<CostRange> argumentCosts) {
        var arguments = argumentCosts.stream().reduce(CostRange.NOTHING, CostRange::plus);
        var target = e.call().target().orElse(null);
        var known = target == null
                ? null
                : kubernetes(e.call().function(), target, e.call().args());
        if (known == null) {
            known = target == null
                    ? operator(e, overload, argumentCosts)
                    : member(overload, target, e.call().args());
        }
        if (overload.equals("logical_and") || overload.equals("logical_or") || overload.equals("conditional")) {
            return known; // not every argument is evaluated
        }
        return new Estimate(known.cost.plus(arguments), known.size);
    }

    private @Nullable Estimate kubernetes(String function, CelExpr target, List<CelExpr> arguments) {
        var size = sizes.sizeOrUnknown(target);
        return switch (function) {
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> Estimate.of(traversal(target, size));
            case "lowerAscii", "upperAscii", "substring", "trim" -> new Estimate(size.times(TRAVERSAL), size);
            case "replace" ->
                arguments.size() < 2
                        ? null
                        : new Estimate(size.times(2 * TRAVERSAL), replaced(size, arguments.get(0), arguments.get(1)));
            case "split" -> new Estimate(size.times(2 * TRAVERSAL), new CostRange(0, size.max()));
            case "join" -> {
                var joined = joined(target, size, arguments);
                yield new Estimate(joined.times(TRAVERSAL), joined);
            }
            case "find", "findAll" -> new Estimate(pattern(size, arguments.getFirst()), new CostRange(0, size.max()));
            default -> null;
        };
    }

    private CostRange traversal(CelExpr target, CostRange size) {
        if (!(sizes.type(target) instanceof ListType list) || !list.hasElemType()) {
            return size.times(TRAVERSAL);
        }
        var kind = list.elemType().kind();
        boolean text = kind == CelKind.STRING || kind == CelKind.BYTES;
        return size.times(
                text ? CostRange.ONE.plus(sizes.itemSizeOrUnknown(target).times(TRAVERSAL)) : CostRange.ONE);
    }

    private CostRange replaced(CostRange size, CelExpr from, CelExpr to) {
        var old = sizes.sizeOrUnknown(from);
        var fresh = sizes.sizeOrUnknown(to);
        if (old.min() == 0) {
            long places = CostRange.sum(size.max(), 1);
            return new CostRange(0, CostRange.sum(CostRange.product(places, fresh.max()), size.max()));
        }
        if (fresh.max() <= old.min()) {
            return new CostRange(0, size.max());
        }
        return new CostRange(0, CostRange.product(CostRange.scaled(size.max(), 1.0 / old.min()), fresh.max()));
    }

    private CostRange joined(CelExpr list, CostRange items, List<CelExpr> arguments) {
        var text = items.times(sizes.itemSizeOrUnknown(list));
        if (arguments.isEmpty()) {
            return text;
        }
        var separators = new CostRange(Math.max(0, items.min() - 1), Math.max(0, items.max() - 1));
        return text.plus(sizes.sizeOrUnknown(arguments.getFirst()).times(separators));
    }

    /** An empty text does not make the pattern free. */
    private CostRange pattern(CostRange text, CelExpr pattern) {
        var characters = text.plus(CostRange.ONE).times(TRAVERSAL);
        return characters.times(sizes.sizeOrUnknown(pattern).times(PATTERN));
    }

    private Estimate member(String overload, CelExpr target, List<CelExpr> arguments) {
        var size = sizes.sizeOrUnknown(target);
        return switch (overload) {
            case "string_format" -> Estimate.of(size.times(TRAVERSAL));
            case "starts_with_string", "ends_with_string" ->
                Estimate.of(sizes.sizeOrUnknown(arguments.getFirst()).times(TRAVERSAL));
            case "matches_string" -> Estimate.of(pattern(size, arguments.getFirst()));
            case "contains_string" ->
                Estimate.of(size.times(TRAVERSAL)
                        .times(sizes.sizeOrUnknown(arguments.getFirst()).times(TRAVERSAL)));
            default -> Estimate.of(CostRange.ONE);
        };
    }

    private Estimate operator(CelExpr e, String overload, List<CostRange> costs) {
        var arguments = e.call().args();
        return switch (overload) {
            case "string_to_bytes" -> {
                var size = sizes.sizeOrUnknown(arguments.getFirst());
                yield new Estimate(size.times(TRAVERSAL), new CostRange(size.min(), CostRange.product(size.max(), 4)));
            }
            case "bytes_to_string" -> {
                var size = sizes.sizeOrUnknown(arguments.getFirst());
                yield new Estimate(size.times(TRAVERSAL), new CostRange(size.min() / 4, size.max()));
            }
            case "matches" -> Estimate.of(pattern(sizes.sizeOrUnknown(arguments.get(0)), arguments.get(1)));
            case "in_list" -> Estimate.of(sizes.sizeOrUnknown(arguments.get(1)));
            case "logical_and", "logical_or" ->
                Estimate.of(new CostRange(
                        costs.get(0).min(), costs.get(0).plus(costs.get(1)).max()));
            case "conditional" -> {
                sizes.joinEntries(e, arguments.get(1), arguments.get(2));
                yield new Estimate(
                        costs.get(0).plus(costs.get(1).union(costs.get(2))),
                        sizes.sizeOrUnknown(arguments.get(1)).union(sizes.sizeOrUnknown(arguments.get(2))));
            }
            case "add_string", "add_bytes", "add_list" -> {
                var sum = sizes.sizeOrUnknown(arguments.get(0)).plus(sizes.sizeOrUnknown(arguments.get(1)));
                sizes.joinEntries(e, arguments.get(0), arguments.get(1));
                yield new Estimate(overload.equals("add_list") ? CostRange.ONE : sum.times(TRAVERSAL), sum);
            }
            case "less_string",
                    "greater_string",
                    "less_equals_string",
                    "greater_equals_string",
                    "less_bytes",
                    "greater_bytes",
                    "less_equals_bytes",
                    "greater_equals_bytes",
                    "equals",
                    "not_equals" -> {
                long most = Math.min(
                        sizes.sizeOrUnknown(arguments.get(0)).max(),
                        sizes.sizeOrUnknown(arguments.get(1)).max());
                yield Estimate.of(new CostRange(Math.min(1, most), most).times(TRAVERSAL));
            }
            case "list_sets_contains_list", "list_sets_intersects_list" -> Estimate.of(pairs(arguments, 1));
            case "list_sets_equivalent_list" -> Estimate.of(pairs(arguments, 2));
            default -> Estimate.of(CostRange.ONE);
        };
    }

    private CostRange pairs(List<CelExpr> lists, int factor) {
        return sizes.sizeOrUnknown(lists.get(0))
                .times(sizes.sizeOrUnknown(lists.get(1)))
                .times(factor)
                .plus(CostRange.ONE);
    }
}
