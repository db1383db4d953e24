package dev.sampan.apiserver;

import static dev.sampan.apiserver.FuzzedValues.one;

import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.node.ObjectNode;

/** CEL as people and machines write it: mostly well-formed, sometimes of the wrong type, sometimes out of all bounds. */
final class FuzzedRules {

    private static final int MAX_DEPTH = 4;

    private static final List<String> BOOLEANS = List.of(
            "true",
            "%s == %s",
            "%s != %s",
            "%s < %s",
            "%s >= %s",
            "!(%s)",
            "%s in %s",
            "has(self.a)",
            "has(self.b.a)",
            "%s.startsWith(%s)",
            "%s.matches('(a+)+$')",
            "%s.matches(%s)",
            "%s.all(x, %s)",
            "%s.exists(x, x == %s)",
            "%s.exists_one(x, x.all(y, %s))",
            "%s.all(i, x, i != x)",
            "%s.isSorted()",
            "(%s) && (%s) || %s",
            "isQuantity(%s)",
            "isIP(%s) && ip(%s).family() == 4",
            "cidr(%s).containsIP(%s)",
            "isURL(%s)",
            "self.?a.hasValue()",
            "oldSelf.a == self.a",
            "format.named('dns1123Label').value().validate(%s).hasValue()",
            "timestamp(%s) < timestamp(%s)",
            "duration(%s) > duration('1s')");

    private static final List<String> VALUES = List.of(
            "self",
            "self.a",
            "self.b",
            "self.c",
            "self.a.b",
            "self[0]",
            "self['a']",
            "self.a[self.b]",
            "oldSelf",
            "object",
            "object.data",
            "oldObject",
            "request.userInfo.groups",
            "namespaceObject.metadata.name",
            "params.data",
            "variables.v",
            "x",
            "1",
            "-9223372036854775808",
            "1u",
            "1.5",
            "''",
            "'abc'",
            "b'abc'",
            "null",
            "[]",
            "{}",
            "[1, 2, 'a']",
            "{'a': %s}",
            "[%s, %s]",
            "size(%s)",
            "%s.size()",
            "string(%s)",
            "int(%s)",
            "%s + %s",
            "%s - %s",
            "%s * %s",
            "%s / %s",
            "%s %% %s",
            "%s.map(x, [x, x, x])",
            "%s.filter(x, %s)",
            "%s.sum()",
            "%s.max()",
            "%s.indexOf(%s)",
            "%s.split(',')",
            "%s.join('-')",
            "%s.replace(%s, 'aaaa')",
            "%s.substring(1, 99999)",
            "%s.lowerAscii()",
            "'%%s %%d %%.3f %%b'.format([%s, %s])",
            "%s.find('[0-9]+')",
            "%s.findAll('.', %s)",
            "quantity(%s).add(quantity(%s))",
            "quantity('1e999999999').asInteger()",
            "url(%s).getHost()",
            "%s ? %s : %s",
            "self.?a.orValue(%s)",
            "dyn(%s)",
            "type(%s)",
            "1 / 0",
            "getDate(%s)",
            "duration('100000h') + duration('9999999h')",
            "timestamp('0001-01-01T00:00:00Z') - duration('9999999h')",
            "semver(%s).major()",
            "[[1,2,3],[1,2,3]].map(x, x.map(y, [x, y].map(z, [x, y, z])))");

    private static final List<String> BROKEN = List.of(
            "",
            " ",
            "(",
            "self.",
            "self.a ==",
            "'",
            "1 +",
            "#",
            "self.all(",
            "a".repeat(20_000),
            "(".repeat(2_000) + "true" + ")".repeat(2_000),
            "!".repeat(3_000) + "true",
            "[".repeat(500) + "]".repeat(500),
            "1" + "+1".repeat(3_000),
            "self" + ".a".repeat(3_000) + " == 1",
            "\ud83d\ude00 == 1",
            "'\\U0010FFFF' == 'a'",
            "'\\ud800' == 'a'");

    /** What can be said of values of each type; {@code %s} stands for an expression of the same type. */
    private static final Map<String, List<String>> TYPED = Map.of(
            "string",
            List.of(
                    "%s != 'x'",
                    "%s.matches('(a+)+$') || true",
                    "size(%s) < 100",
                    "%s.split('').all(c, c != 'z')",
                    "%s == oldSelf",
                    "int(%s) < 10 || true",
                    "timestamp(%s) > timestamp('2000-01-01T00:00:00Z')",
                    "quantity(%s).isGreaterThan(quantity('1'))",
                    "isIP(%s) || !isIP(%s)",
                    "%s.replace('', 'aaaaaaaaaa').size() > 0"),
            "integer",
            List.of(
                    "%s * 9223372036854775807 > 0",
                    "10 / %s < 5", "%s % 3 != 1", "self >= oldSelf", "string(%s) != ''", "[1, 2].all(x, x != %s)"),
            "number",
            List.of("%s < 1e300", "%s / 0.0 > 1.0", "int(%s) == 0 || true", "self != oldSelf"),
            "boolean",
            List.of("%s", "!%s", "%s || oldSelf", "%s == %s"),
            "array",
            List.of(
                    "self.all(x, self.exists_one(y, y == x))",
                    "self.size() < 4",
                    "self.map(x, [x, x]).size() >= 0",
                    "self == oldSelf",
                    "self[0] == self[1] || true",
                    "self.filter(x, x != self[9]).size() == 0",
                    "self.all(x, oldSelf.exists(y, x == y))"),
            "object",
            List.of(
                    "has(self.a) || !has(self.b)",
                    "self == oldSelf",
                    "self.a == self.b || true",
                    "[self].all(x, x == self)",
                    "type(self) == type(oldSelf)"));

    private FuzzedRules() {}

    /** A rule that most likely fits a schema. */
    static String about(ObjectNode schema, Random random) {
        var type = schema.path("type").asString();
        if (!TYPED.containsKey(type) || schema.path("additionalProperties").isObject()) {
            return "self == self";
        }
        var rule = one(TYPED.get(type), random);
        var properties = schema.path("properties");
        for (var property : List.of("a", "b")) {
            if (rule.contains("self." + property) && !properties.has(property)) {
                return "self != oldSelf";
            }
        }
        return rule.replace("%s", "self");
    }

    /** An expression that is meant to be a boolean. */
    static String rule(Random random) {
        return random.nextInt(12) == 0 ? one(BROKEN, random) : filled(one(BOOLEANS, random), 0, random);
    }

    /** An expression of any type. */
    static String value(Random random) {
        return filled(one(VALUES, random), 0, random);
    }

    private static String filled(String form, int depth, Random random) {
        var text = new StringBuilder();
        for (int i = 0; i < form.length(); i++) {
            if (form.startsWith("%s", i)) {
                text.append(part(depth + 1, random));
                i++;
            } else if (form.startsWith("%%", i)) {
                text.append('%');
                i++;
            } else {
                text.append(form.charAt(i));
            }
        }
        return text.toString();
    }

    private static String part(int depth, Random random) {
        if (depth > MAX_DEPTH) {
            return "self.a";
        }
        return filled(one(random.nextInt(4) == 0 ? BOOLEANS : VALUES, random), depth, random);
    }
}
