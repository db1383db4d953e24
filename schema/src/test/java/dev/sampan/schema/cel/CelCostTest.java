package dev.sampan.schema.cel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.FieldError;
import dev.sampan.schema.Schema;
import dev.sampan.schema.codec.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What rules may cost: estimates that Kubernetes' own tests give for the same schemas, its messages, and limits of a run. */
class CelCostTest {

    private static final String ADVICE =
            " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are"
                    + " declared)";

    /** From TestCostEstimation of apiextensions-apiserver's compilation tests: maximum cost of a rule at a list, map or string. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {type: array, items: {type: number}}                               | self.all(x, true)          | 4718591
                    {type: array, maxItems: 10, items: {type: number}}                 | self.all(x, true)          | 32
                    {type: array, items: {type: boolean}}                              | self.all(x, true)          | 1887437
                    {type: array, items: {type: string}}                               | self.all(x, true)          | 3145727
                    {type: array, items: {type: string, format: date-time}}            | self.all(x, true)          | 428963
                    {type: object, additionalProperties: {type: number}}               | self.all(x, true)          | 1348169
                    {type: object, maxProperties: 10, additionalProperties: {type: number}} | self.all(x, true)     | 32
                    {type: string}                                                     | self.contains('test')      | 314574
                    {type: string, maxLength: 10}                                      | self.contains('test')      | 5
                    {type: string}                                                     | self.matches('abc')        | 314574
                    """)
    void estimatesAsKubernetesDoes(String schema, String rule, long cost) throws CelCompilation.Failure {
        var at = Objects.requireNonNull(Schema.ofCrd(yaml("{type: object, properties: {v: %s}}".formatted(schema)))
                .field("v"));
        var source = new Schema.Rule(rule, "", "", "", "", false);
        assertThat(new CelCompilation().rule(at, source).mostCost()).isEqualTo(cost);
    }

    @Test
    void refusesWhatCouldCostTooMuch() {
        var at = "schema.properties[l].items.x-kubernetes-validations[0].rule: Forbidden: ";
        assertThat(
                        problems(
                                "{l: {type: array, items: {type: string, x-kubernetes-validations: [{rule: \"self.contains('a')\"}]}}}"))
                .containsExactly(
                        at + "estimated rule cost exceeds budget by factor of more than 100x" + ADVICE,
                        at
                                + "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
                        "schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
                                + " exceeds budget by factor of more than 100x" + ADVICE);
    }

    @Test
    void saysHowManyTimesTooMuch() {
        var rule = "[{rule: \"self.all(x, self.all(y, x == y))\"}]";
        assertThat(problems("{l: {type: array, maxItems: %d, items: {type: integer}, x-kubernetes-validations: %s}}"
                        .formatted(2000, rule)))
                .singleElement()
                .asString()
                .startsWith(
                        "schema.properties[l].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds"
                                + " budget by factor of 2.")
                .endsWith("x" + ADVICE);
        assertThat(problems("{l: {type: array, maxItems: %d, items: {type: integer}, x-kubernetes-validations: %s}}"
                        .formatted(500, rule)))
                .isEmpty();
    }

    @Test
    void messagesHaveTheirOwnBudget() {
        assertThat(
                        problems(
                                "{l: {type: array, items: {type: string}, x-kubernetes-validations: [{rule: 'self.size() < 9', messageExpression: \"self.join(',')\"}]}}"))
                .first()
                .asString()
                .isEqualTo("schema.properties[l].x-kubernetes-validations[0].messageExpression: Forbidden: estimated"
                        + " messageExpression cost exceeds budget by factor of more than 100x" + ADVICE);
    }

    @Test
    void oneRuleRunsOutOfItsLimit() {
        var object = list(400);
        assertThat(errors("[{rule: 'self.l.all(a, self.l.all(b, a + b >= 0))'}, {rule: 'false'}]", object))
                .containsExactly(
                        "<nil>: Invalid value: \"object\": 'operation cancelled: actual cost limit exceeded': no further"
                                + " validation rules will be run due to call cost exceeds limit for rule:"
                                + " self.l.all(a, self.l.all(b, a + b >= 0))");
    }

    @Test
    void whatIsAbsorbedByAnOrStillEndsTheRule() {
        assertThat(errors("[{rule: 'self.l.all(a, self.l.all(b, a + b >= 0)) || true'}]", list(400)))
                .singleElement()
                .asString()
                .contains("actual cost limit exceeded");
    }

    @Test
    void allRulesTogetherRunOutOfBudget() {
        var rule = "{rule: 'self.l.all(a, self.l.all(b, a + b >= 0))'}, ";
        assertThat(errors("[" + rule.repeat(40) + "]", list(200)))
                .containsExactly(
                        "<nil>: Invalid value: \"object\": validation failed due to running out of cost budget, no"
                                + " further validation rules will be run");
    }

    private static ObjectNode list(int size) {
        var object = yaml("{}");
        for (int i = 0; i < size; i++) {
            object.withArray("l").add(i);
        }
        return object;
    }

    private static List<String> errors(String rules, ObjectNode object) {
        var schema =
                "{type: object, properties: {l: {type: array, items: {type: integer}}}, x-kubernetes-validations: %s}";
        return CelRules.compile(Schema.ofCrd(yaml(schema.formatted(rules))), "schema").validate(object, null).stream()
                .map(FieldError::toString)
                .toList();
    }

    private static List<String> problems(String properties) {
        var schema = Schema.ofCrd(yaml("{type: object, properties: %s}".formatted(properties)));
        return CelRules.compile(schema, "schema").problems().stream()
                .map(FieldError::toString)
                .toList();
    }

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Yaml.read(text.getBytes(StandardCharsets.UTF_8)).tree();
    }
}
