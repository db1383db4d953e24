package dev.sampan.schema.cel;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.sampan.schema.Schema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the evaluation of one checked expression can cost at worst: the walk of cel-go's {@code checker/cost.go}, with sizes from
 * the schema that {@code self} has. Used once, by one thread.
 */
final class CostEstimate {

    private static final CostRange LIST_COST = CostRange.exactly(10);
    private static final CostRange MAP_COST = CostRange.exactly(30);
    private static final CostRange STRUCT_COST = CostRange.exactly(40);

    /** A loop's variable, or one that {@code cel.bind} names. */
    private record Local(
            List<String> path,
            @Nullable CostRange size,
            @Nullable Entries entries) {}

    /** Sizes of what stands in a list or map that the expression itself makes. */
    private record Entries(boolean list, CostRange keys, CostRange values) {}

    private final CelAbstractSyntaxTree ast;
    private final Schema root;
    private final CallEstimates calls = new CallEstimates(this);
    private final Map<Long, List<String>> paths = new HashMap<>();
    private final Map<Long, CostRange> sizes = new HashMap<>();
    private final Map<Long, Entries> entries = new HashMap<>();
    private final Map<String, Deque<Local>> locals = new HashMap<>();

    private CostEstimate(CelAbstractSyntaxTree ast, Schema root) {
        this.ast = ast;
        this.root = root;
    }

    /** The greatest cost. @param root schema of {@code self} and {@code oldSelf} */
    static long most(CelAbstractSyntaxTree ast, Schema root) {
        return new CostEstimate(ast, root).cost(ast.getExpr()).max();
    }

    private CostRange cost(CelExpr e) {
        return switch (e.exprKind().getKind()) {
            case IDENT -> {
                var local = local(e.ident().name());
                paths.put(e.id(), local == null ? List.of(e.ident().name()) : local.path);
                yield CostRange.ONE;
            }
            case SELECT -> select(e);
            case CALL -> call(e);
            case LIST -> list(e);
            case MAP -> map(e);
            case STRUCT -> {
                var sum = STRUCT_COST;
                for (var entry : e.struct().entries()) {
                    sum = sum.plus(cost(entry.value()));
                }
                yield sum;
            }
            case COMPREHENSION -> isBinding(e.comprehension()) ? binding(e) : loop(e);
            case CONSTANT, NOT_SET -> CostRange.NOTHING;
        };
    }

    private CostRange select(CelExpr e) {
        var operand = e.select().operand();
        var sum = cost(operand);
        if (e.select().testOnly()) {
            return sum; // Kubernetes has it that has() itself costs nothing
        }
        paths.put(e.id(), below(path(operand), e.select().field()));
        return switch (type(operand).kind()) {
            case MAP, STRUCT, TYPE_PARAM -> sum.plus(CostRange.ONE);
            default -> sum;
        };
    }

    private CostRange call(CelExpr e) {
        var call = e.call();
        if (call.function().equals("dyn")) {
            var argument = call.args().getFirst();
            var sum = cost(argument).plus(CostRange.ONE);
            copySizes(e, argument);
            return sum;
        }
        var argumentCosts = call.args().stream().map(this::cost).toList();
        var sum = call.target().map(this::cost).orElse(CostRange.NOTHING);
        var overloads =
                ast.getReference(e.id()).map(r -> List.copyOf(r.overloadIds())).orElse(List.of());
        if (overloads.isEmpty()) {
            return CostRange.NOTHING;
        }
        var most = new CostRange(Long.MAX_VALUE, 0);
        CostRange size = null;
        for (var overload : overloads) {
            var estimate = calls.of(e, overload, argumentCosts);
            most = most.union(estimate.cost());
            if (estimate.size() != null) {
                size = size == null ? estimate.size() : size.union(estimate.size());
            }
            if (overload.equals("index_list") || overload.equals("index_map")) {
                var container = call.args().getFirst();
                var known = entries(container);
                size = known == null ? null : known.values;
                paths.put(e.id(), below(path(container), overload.equals("index_list") ? "@items" : "@values"));
            }
            size = size == null ? size(e) : size;
        }
        setSize(e, size);
        return sum.plus(most);
    }

    private CostRange list(CelExpr e) {
        var sum = LIST_COST;
        CostRange items = null;
        for (var item : e.list().elements()) {
            sum = sum.plus(cost(item));
            items = union(items, sizeOrUnknown(item));
        }
        entries.put(e.id(), new Entries(true, CostRange.ONE, items == null ? CostRange.NOTHING : items));
        return sum;
    }

    private CostRange map(CelExpr e) {
        var sum = MAP_COST;
        CostRange keys = null;
        CostRange values = null;
        for (var entry : e.map().entries()) {
            sum = sum.plus(cost(entry.key())).plus(cost(entry.value()));
            keys = union(keys, sizeOrUnknown(entry.key()));
            values = union(values, sizeOrUnknown(entry.value()));
        }
        entries.put(
                e.id(),
                keys == null || values == null
                        ? new Entries(false, CostRange.NOTHING, CostRange.NOTHING)
                        : new Entries(false, keys, values));
        return sum;
    }

    private static CostRange union(@Nullable CostRange a, CostRange b) {
        return a == null ? b : a.union(b);
    }

    private CostRange loop(CelExpr e) {
        var c = e.comprehension();
        var sum = cost(c.iterRange()).plus(cost(c.accuInit()));
        push(c.accuVar(), new Local(path(c.accuInit()), size(c.accuInit()), entries(c.accuInit())));
        pushItems(c);
        var turn = cost(c.loopCondition()).plus(cost(c.loopStep()));
        pop(c.iterVar());
        if (!c.iterVar2().isEmpty()) {
            pop(c.iterVar2());
        }
        sum = sum.plus(cost(c.result()));
        pop(c.accuVar());
        var turns = sizeOrUnknown(c.iterRange());
        switch (c.accuInit().exprKind().getKind()) {
            case CONSTANT -> setSize(e, size(c.accuInit()));
            case LIST, MAP -> {
                setSize(e, turns);
                setEntries(e, entries(c.loopStep()));
            }
            default -> {}
        }
        return sum.plus(turns.times(turn));
    }

    private void pushItems(CelExpr.CelComprehension c) {
        var known = entries(c.iterRange());
        var list = known != null ? known.list : type(c.iterRange()).kind() == CelKind.LIST;
        var range = path(c.iterRange());
        var keys = known == null ? null : known.keys;
        var values = known == null ? null : known.values;
        if (!c.iterVar2().isEmpty()) {
            push(c.iterVar(), new Local(below(range, list ? "@indices" : "@keys"), keys, null));
            push(c.iterVar2(), new Local(below(range, list ? "@items" : "@values"), values, null));
        } else {
            push(c.iterVar(), new Local(below(range, list ? "@items" : "@keys"), list ? values : keys, null));
        }
    }

    private static boolean isBinding(CelExpr.CelComprehension c) {
        return c.iterRange().exprKind().getKind() == CelExpr.ExprKind.Kind.LIST
                && c.iterRange().list().elements().isEmpty()
                && c.loopCondition().exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && c.loopCondition().constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE
                && !c.loopCondition().constant().booleanValue();
    }

    private CostRange binding(CelExpr e) {
        var c = e.comprehension();
        var sum = cost(c.iterRange()).plus(cost(c.accuInit()));
        push(c.accuVar(), new Local(path(c.accuInit()), size(c.accuInit()), entries(c.accuInit())));
        sum = sum.plus(cost(c.result()));
        pop(c.accuVar());
        copySizes(e, c.result());
        return sum;
    }

    CelType type(CelExpr e) {
        return ast.getType(e.id()).orElse(SimpleType.DYN);
    }

    private List<String> path(CelExpr e) {
        if (e.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT) {
            var local = local(e.ident().name());
            if (local != null) {
                return local.path;
            }
        }
        return paths.getOrDefault(e.id(), List.of());
    }

    private static List<String> below(List<String> path, String name) {
        var longer = new ArrayList<>(path);
        longer.add(name);
        return longer;
    }

    CostRange sizeOrUnknown(CelExpr e) {
        var size = size(e);
        return size == null ? CostRange.UNKNOWN : size;
    }

    /** Sizes of a list's strings, as the schema declares them. */
    CostRange itemSizeOrUnknown(CelExpr list) {
        var path = path(list);
        var declared = path.isEmpty() ? null : declared(below(path, "@items"));
        return declared == null ? CostRange.UNKNOWN : declared;
    }

    private @Nullable CostRange size(CelExpr e) {
        var known = sizes.get(e.id());
        if (known != null) {
            return known;
        }
        var literal = literalSize(e);
        if (literal != null) {
            return literal;
        }
        var path = path(e);
        var declared = path.isEmpty() ? null : declared(path);
        if (declared != null) {
            return declared;
        }
        if (isScalar(type(e))) {
            return CostRange.ONE;
        }
        var local = e.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
                ? local(e.ident().name())
                : null;
        return local == null ? null : local.size;
    }

    private @Nullable CostRange declared(List<String> path) {
        Schema at = root;
        for (var name : path.subList(1, path.size())) {
            if (name.equals("@keys")) {
                return at.isMap() ? CostRange.NOTHING : null; // so Kubernetes has it
            }
            at = switch (name) {
                case "@items" -> at.items();
                case "@values" -> at.additionalProperties();
                default -> property(at, name);
            };
            if (at == null) {
                return null;
            }
        }
        return new CostRange(0, DeclaredSizes.maxElements(at));
    }

    private static @Nullable Schema property(Schema schema, String escaped) {
        var plain = schema.properties().get(escaped);
        if (plain != null) {
            return plain;
        }
        return schema.properties().entrySet().stream()
                .filter(p -> CelNames.escape(p.getKey()).filter(escaped::equals).isPresent())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable CostRange literalSize(CelExpr e) {
        return switch (e.exprKind().getKind()) {
            case CONSTANT ->
                switch (e.constant().getKind()) {
                    case STRING_VALUE -> {
                        var text = e.constant().stringValue();
                        yield CostRange.exactly(text.codePointCount(0, text.length()));
                    }
                    case BYTES_VALUE ->
                        CostRange.exactly(e.constant().bytesValue().size());
                    default -> CostRange.ONE;
                };
            case LIST -> CostRange.exactly(e.list().elements().size());
            case MAP -> CostRange.exactly(e.map().entries().size());
            default -> null;
        };
    }

    private static boolean isScalar(CelType type) {
        return switch (type.kind()) {
            case BOOL, DOUBLE, DURATION, INT, TIMESTAMP, UINT -> true;
            case OPAQUE ->
                type instanceof OptionalType optional
                        && isScalar(optional.parameters().getFirst());
            default -> false;
        };
    }

    private void setSize(CelExpr e, @Nullable CostRange size) {
        if (size != null) {
            sizes.put(e.id(), size);
        }
    }

    private void setEntries(CelExpr e, @Nullable Entries known) {
        if (known != null) {
            entries.put(e.id(), known);
        }
    }

    private void copySizes(CelExpr to, CelExpr from) {
        setSize(to, size(from));
        setEntries(to, entries(from));
    }

    /** What is in either of two lists or maps is in the result: of a sum, and of a choice. */
    void joinEntries(CelExpr to, CelExpr a, CelExpr b) {
        var first = entries(a);
        var second = entries(b);
        if (first != null && second != null) {
            entries.put(
                    to.id(), new Entries(first.list, first.keys.union(second.keys), first.values.union(second.values)));
        }
    }

    private @Nullable Entries entries(CelExpr e) {
        var known = entries.get(e.id());
        if (known != null || e.exprKind().getKind() != CelExpr.ExprKind.Kind.IDENT) {
            return known;
        }
        var local = local(e.ident().name());
        return local == null ? null : local.entries;
    }

    private @Nullable Local local(String name) {
        var stack = locals.get(name);
        return stack == null ? null : stack.peek();
    }

    private void push(String name, Local local) {
        locals.computeIfAbsent(name, n -> new ArrayDeque<>()).push(local);
    }

    private void pop(String name) {
        var stack = locals.get(name);
        if (stack != null) {
            stack.pop();
        }
    }
}
