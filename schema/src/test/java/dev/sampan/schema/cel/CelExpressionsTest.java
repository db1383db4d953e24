package dev.sampan.schema.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.schema.cel.AuthorizerCheck.Outcome;
import dev.sampan.schema.cel.AuthorizerCheck.Query;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class CelExpressionsTest {

    private static final CelExpressions CEL = new CelExpressions(List.of("object", "oldObject"));
    private static final String OBJECT =
            "{\"metadata\":{\"name\":\"web\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"replicas\":3,\"list\":[1,2]}}";

    private static Object evaluate(String expression, CelExpressions.Result result) throws CelFailure {
        AuthorizerCheck check = q -> new Outcome(
                q.verb().equals("get") && q.resource().equals("pods")
                        || q.path().equals("/healthz"),
                q.toString());
        var variables = new HashMap<String, Object>();
        variables.put("object", CelExpression.value(JsonMapper.shared().readTree(OBJECT)));
        variables.put("oldObject", CelExpression.value(null));
        variables.put("authorizer", Query.of(check));
        variables.put("authorizer.requestResource", Query.of(check).withResource("pods"));
        return CEL.compile(expression, result).evaluate(variables);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            object.spec.replicas <= 3 | true
            oldObject == null | true
            has(object.metadata.annotations) | false
            object.metadata.labels['a'] == 'b' | true
            object.spec.list.sum() == 3 | true
            quantity('1Gi').isGreaterThan(quantity('500Mi')) | true
            authorizer.group('').resource('pods').namespace('x').check('get').allowed() | true
            authorizer.group('').resource('pods').subresource('log').check('delete').allowed() | false
            authorizer.path('/healthz').check('post').allowed() | true
            authorizer.requestResource.check('get').allowed() | true
            authorizer.serviceAccount('a', 'b').group('').resource('pods').check('get').reason().contains('a/b') | true
            """)
    void conditions(String expression, boolean expected) throws CelFailure {
        assertThat(evaluate(expression, CelExpressions.Result.BOOL)).isEqualTo(expected);
    }

    @Test
    void mutationsMakeObjects() throws CelFailure {
        var made = evaluate(
                "Object{spec: Object.spec{replicas: object.spec.replicas + 1, ?gone: optional.none()}}",
                CelExpressions.Result.ANY);
        assertThat(CelExpression.json(made)).hasToString("{\"spec\":{\"replicas\":4}}");
        var patch = evaluate(
                "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('x/y'), value: 'z'}]",
                CelExpressions.Result.ANY);
        assertThat(CelExpression.json(patch).path(0).path("path").asString()).isEqualTo("/metadata/labels/x~1y");
    }

    @Test
    void failuresSayWhy() {
        assertThatThrownBy(() -> evaluate("object.spec.none == 1", CelExpressions.Result.BOOL))
                .isInstanceOf(CelFailure.class)
                .hasMessageContaining("no such key: none");
        assertThatThrownBy(() -> evaluate("nothing == 1", CelExpressions.Result.BOOL))
                .hasMessageContaining("undeclared reference to 'nothing'");
        assertThatThrownBy(() -> evaluate("'text'", CelExpressions.Result.BOOL)).hasMessageContaining("bool");
    }
}
