package dev.sampan.schema.cel;

import com.google.common.collect.ImmutableList;
import com.google.re2j.Pattern;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelFunctionBinding;
import dev.sampan.schema.IpAddresses;
import dev.sampan.schema.Quantity;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/** The functions that Kubernetes adds to CEL's own: lists, regular expressions, quantities, IP addresses, URLs. */
final class KubernetesFunctions {

    private static final CelType T = TypeParamType.create("T");
    private static final CelType LIST = ListType.create(T);
    private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");

    private final List<CelFunctionDecl> declarations = new ArrayList<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    KubernetesFunctions() {
        lists();
        expressions();
        formats();
        quantities();
        addresses();
    }

    ImmutableList<CelFunctionDecl> declarations() {
        return ImmutableList.copyOf(declarations);
    }

    ImmutableList<CelFunctionBinding> bindings() {
        return ImmutableList.copyOf(bindings);
    }

    private void member(String name, String id, CelType result, CelType... arguments) {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newMemberOverload(id, result, List.of(arguments))));
    }

    private void global(String name, String id, CelType result, CelType... arguments) {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newGlobalOverload(id, result, List.of(arguments))));
    }

    private void lists() {
        member("isSorted", "list_is_sorted", SimpleType.BOOL, LIST);
        bindings.add(CelFunctionBinding.from("list_is_sorted", List.class, KubernetesFunctions::isSorted));
        member("sum", "list_sum", T, LIST);
        bindings.add(CelFunctionBinding.from("list_sum", List.class, KubernetesFunctions::sum));
        member("min", "list_min", T, LIST);
        bindings.add(CelFunctionBinding.from("list_min", List.class, list -> extreme(list, -1)));
        member("max", "list_max", T, LIST);
        bindings.add(CelFunctionBinding.from("list_max", List.class, list -> extreme(list, 1)));
        member("indexOf", "list_index_of", SimpleType.INT, LIST, T);
        bindings.add(CelFunctionBinding.from(
                "list_index_of", List.class, Object.class, (list, v) -> (long) list.indexOf(v)));
        member("lastIndexOf", "list_last_index_of", SimpleType.INT, LIST, T);
        bindings.add(CelFunctionBinding.from(
                "list_last_index_of", List.class, Object.class, (list, v) -> (long) list.lastIndexOf(v)));
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object a, Object b) {
        return ((Comparable<Object>) a).compareTo(b);
    }

    private static boolean isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object sum(List<?> list) {
        if (list.stream().anyMatch(v -> v instanceof Double)) {
            return list.stream().mapToDouble(v -> ((Number) v).doubleValue()).sum();
        }
        return list.stream().mapToLong(v -> ((Number) v).longValue()).sum();
    }

    private static Object extreme(List<?> list, int sign) {
        if (list.isEmpty()) {
            throw new IllegalArgumentException((sign < 0 ? "min" : "max") + " called on empty list");
        }
        Object best = list.getFirst();
        for (var value : list) {
            best = compare(value, best) * sign > 0 ? value : best;
        }
        return best;
    }

    private void expressions() {
        member("find", "string_find", SimpleType.STRING, SimpleType.STRING, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("string_find", String.class, String.class, (text, pattern) -> {
            var m = Pattern.compile(pattern).matcher(text);
            return m.find() ? m.group() : "";
        }));
        member("findAll", "string_find_all", ListType.create(SimpleType.STRING), SimpleType.STRING, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("string_find_all", String.class, String.class, (text, pattern) -> {
            var m = Pattern.compile(pattern).matcher(text);
            var found = new ArrayList<String>();
            while (m.find()) {
                found.add(m.group());
            }
            return found;
        }));
    }

    private void formats() {
        member("format", "string_format", SimpleType.STRING, SimpleType.STRING, ListType.create(SimpleType.DYN));
        bindings.add(CelFunctionBinding.from("string_format", String.class, List.class, TextFormat::format));
    }

    private void quantities() {
        global("quantity", "string_to_quantity", QUANTITY, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("string_to_quantity", String.class, Quantity::parse));
        global("isQuantity", "is_quantity", SimpleType.BOOL, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("is_quantity", String.class, KubernetesFunctions::isQuantity));
        member("isGreaterThan", "quantity_gt", SimpleType.BOOL, QUANTITY, QUANTITY);
        bindings.add(
                CelFunctionBinding.from("quantity_gt", Quantity.class, Quantity.class, (a, b) -> a.compareTo(b) > 0));
        member("isLessThan", "quantity_lt", SimpleType.BOOL, QUANTITY, QUANTITY);
        bindings.add(
                CelFunctionBinding.from("quantity_lt", Quantity.class, Quantity.class, (a, b) -> a.compareTo(b) < 0));
        member("compareTo", "quantity_compare", SimpleType.INT, QUANTITY, QUANTITY);
        bindings.add(CelFunctionBinding.from(
                "quantity_compare", Quantity.class, Quantity.class, (a, b) -> (long) a.compareTo(b)));
        member("asInteger", "quantity_int", SimpleType.INT, QUANTITY);
        bindings.add(CelFunctionBinding.from("quantity_int", Quantity.class, Quantity::longValue));
        member("add", "quantity_add", QUANTITY, QUANTITY, QUANTITY);
        bindings.add(CelFunctionBinding.from("quantity_add", Quantity.class, Quantity.class, Quantity::add));
        member("sub", "quantity_sub", QUANTITY, QUANTITY, QUANTITY);
        bindings.add(CelFunctionBinding.from("quantity_sub", Quantity.class, Quantity.class, Quantity::subtract));
    }

    private static boolean isQuantity(String text) {
        try {
            var unused = Quantity.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void addresses() {
        global("isIP", "is_ip", SimpleType.BOOL, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("is_ip", String.class, IpAddresses::isAddress));
        global("isCIDR", "is_cidr", SimpleType.BOOL, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("is_cidr", String.class, IpAddresses::isCidr));
        global("isURL", "is_url", SimpleType.BOOL, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("is_url", String.class, KubernetesFunctions::isUrl));
    }

    private static boolean isUrl(String text) {
        try {
            return new URI(text).isAbsolute() || text.startsWith("/");
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
