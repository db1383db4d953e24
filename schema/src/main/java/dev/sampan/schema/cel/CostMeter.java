package dev.sampan.schema.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationListener;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what one evaluation costs, as cel-go's {@code interpreter/runtimecost.go} does, and ends it when the limit is passed.
 * Owned by one evaluation.
 */
final class CostMeter implements CelEvaluationListener {

    /** What one expression may cost: about a tenth of a second. */
    static final long PER_CALL = 1_000_000;

    /** The limit is passed; whoever evaluates asks {@link #exceeded}, since CEL may absorb what is thrown. */
    private static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exceeded() {
            super("operation cancelled: actual cost limit exceeded", null, false, false);
        }
    }

    private final Map<Long, Object> values = new HashMap<>();
    private long cost;

    long cost() {
        return cost;
    }

    boolean exceeded() {
        return cost > PER_CALL;
    }

    @Override
    public void callback(CelExpr e, Object value) {
        cost = CostRange.sum(cost, cost(e, value));
        if (exceeded()) {
            throw new Exceeded();
        }
        values.put(e.id(), value);
    }

    private long cost(CelExpr e, Object value) {
        return switch (e.exprKind().getKind()) {
            case IDENT -> 1;
            case SELECT -> e.select().testOnly() ? 0 : 1;
            case CALL -> call(e.call(), value);
            case LIST -> 10;
            case MAP -> 30;
            case STRUCT -> 40;
            case COMPREHENSION, CONSTANT, NOT_SET -> 0;
        };
    }

    private long call(CelExpr.CelCall call, Object result) {
        var target = call.target().map(t -> values.get(t.id())).orElse(null);
        var first = argument(call, 0);
        var second = argument(call, 1);
        return switch (call.function()) {
            case "_&&_", "_||_", "_?_:_" -> 0;
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> target == null ? 1 : traversal(target);
            case "lowerAscii", "upperAscii", "substring", "trim", "format" -> looked(size(target));
            case "startsWith", "endsWith" -> looked(size(first));
            case "replace", "split" -> looked(2 * size(target));
            case "join" -> looked(2 * size(result));
            case "find", "findAll" -> pattern(target, first);
            case "matches" -> target == null ? pattern(first, second) : pattern(target, first);
            case "contains" -> target instanceof String ? looked(size(target)) * looked(size(first)) : 1;
            case "isIP", "isCIDR", "isURL", "quantity", "isQuantity", "bytes" -> looked(size(first));
            case "string" -> first instanceof CelByteString ? looked(size(first)) : 1;
            case "@in" -> second instanceof List<?> list ? list.size() : 1;
            case "_==_", "_!=_" -> looked(Math.min(size(first), size(second)));
            case "_<_", "_<=_", "_>_", "_>=_" -> isText(first) ? looked(Math.min(size(first), size(second))) : 1;
            case "_+_" -> isText(first) ? looked(size(first) + size(second)) : 1;
            case "sets.contains", "sets.intersects" -> size(first) * size(second) + 1;
            case "sets.equivalent" -> 2 * size(first) * size(second) + 1;
            default -> 1;
        };
    }

    private @Nullable Object argument(CelExpr.CelCall call, int index) {
        return index < call.args().size() ? values.get(call.args().get(index).id()) : null;
    }

    private static boolean isText(@Nullable Object value) {
        return value instanceof String || value instanceof CelByteString;
    }

    private static long looked(long size) {
        return CostRange.scaled(size, CallEstimates.TRAVERSAL);
    }

    private static long pattern(@Nullable Object text, @Nullable Object pattern) {
        return looked(size(text) + 1) * CostRange.scaled(size(pattern), CallEstimates.PATTERN);
    }

    private static long size(@Nullable Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case CelByteString b -> b.size();
            case Collection<?> c -> c.size();
            case Map<?, ?> m -> m.size();
            case Optional<?> o -> o.isPresent() ? size(o.get()) : 1;
            case null, default -> 1;
        };
    }

    private static long traversal(Object value) {
        return switch (value) {
            case String s -> (long) (s.length() * CallEstimates.TRAVERSAL);
            case CelByteString b -> (long) (b.size() * CallEstimates.TRAVERSAL);
            case Collection<?> c -> c.stream().mapToLong(CostMeter::traversal).sum();
            case Map<?, ?> m ->
                m.entrySet().stream()
                        .mapToLong(e -> traversal(e.getKey()) + traversal(e.getValue()))
                        .sum();
            default -> 1;
        };
    }
}
