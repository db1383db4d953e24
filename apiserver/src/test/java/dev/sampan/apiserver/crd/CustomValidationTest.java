package dev.sampan.apiserver.crd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.apiserver.WholeServer;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CEL rules, transition rules, ratcheting and list types of custom resources, and what is refused of definitions. */
final class CustomValidationTest {

    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String SHIPS = "/apis/rules.example.com/v1/ships";

    private static final String CRD = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %1$ss.rules.example.com}
            spec:
              group: rules.example.com
              scope: Cluster
              names: {plural: %1$ss, kind: %2$s}
              versions:
              - name: v1
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, properties: {spec: %3$s}}}
            """;

    private static final String SPEC = """
            {type: object,
              x-kubernetes-validations: [
                {rule: 'self.min <= self.max', messageExpression: '"min %d is above %d".format([self.min, self.max])',
                  reason: FieldValueForbidden, fieldPath: .min},
                {rule: 'self.home == oldSelf.home', message: home is immutable},
                {rule: '!oldSelf.hasValue() || oldSelf.value().max <= self.max', optionalOldSelf: true, message: max only grows}],
              properties: {
                min: {type: integer}, max: {type: integer, maximum: 100}, home: {type: string, maxLength: 20},
                tags: {type: array, maxItems: 10, x-kubernetes-list-type: set, items: {type: string, maxLength: 5}},
                ports: {type: array, maxItems: 10, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items: {
                  type: object, required: [name], properties: {
                    name: {type: string, maxLength: 10},
                    number: {type: integer, x-kubernetes-validations: [{rule: self >= oldSelf, message: may only grow}]}}}}}}""";

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static WholeServer server;

    @BeforeAll
    static void start() {
        server = new WholeServer(directory.resolve("pki"));
        server.post(CRDS, CRD.formatted("ship", "Ship", SPEC)).ok();
        Awaitility.await().until(() -> server.get(SHIPS).code() == 200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String ship(String name, String spec) {
        return "apiVersion: rules.example.com/v1\nkind: Ship\nmetadata: {name: %s}\nspec: {home: here, %s}"
                .formatted(name, spec);
    }

    @Test
    void rulesSpeakForThemselves() {
        var answer = server.post(SHIPS, ship("a", "min: 5, max: 3")).refused(422);
        assertThat(answer.message()).contains("spec.min: Forbidden: min 5 is above 3");
        assertThat(answer.body().at("/details/causes/0/reason").asString("")).isEqualTo("FieldValueForbidden");
        assertThat(server.post(SHIPS, ship("a", "min: 1, max: 300"))
                        .refused(422)
                        .message())
                .contains("spec.max: Invalid value: 300")
                .doesNotContain("not checked");
        assertThat(server.post(SHIPS, ship("a", "min: a, max: 3")).refused(422).message())
                .contains("some validation rules were not checked because the object was invalid");
    }

    @Test
    void transitionsAreCompared() {
        server.post(SHIPS, ship("t", "min: 1, max: 3, ports: [{name: a, number: 5}, {name: b, number: 5}]"))
                .ok();
        assertThat(server.patch(SHIPS + "/t", "spec: {home: there}")
                        .refused(422)
                        .message())
                .contains("home is immutable");
        assertThat(server.patch(SHIPS + "/t", "spec: {max: 2}").refused(422).message())
                .contains("max only grows");
        var swapped = "spec: {ports: [{name: b, number: 4}, {name: a, number: 6}]}";
        assertThat(server.patch(SHIPS + "/t", swapped).refused(422).message())
                .contains("spec.ports[0].number: Invalid value: \"integer\": may only grow")
                .doesNotContain("ports[1]");
        server.patch(SHIPS + "/t", "spec: {ports: [{name: c, number: 1}, {name: a, number: 6}]}")
                .ok();
    }

    @Test
    void listTypesAreKept() {
        assertThat(server.post(SHIPS, ship("l", "min: 1, max: 3, tags: [a, a]"))
                        .refused(422)
                        .message())
                .contains("spec.tags[1]: Duplicate value: \"a\"");
        assertThat(server.post(SHIPS, ship("l", "min: 1, max: 3, ports: [{name: a}, {name: a}]"))
                        .refused(422)
                        .message())
                .contains("spec.ports[1]: Duplicate value");
    }

    @Test
    void whatWasInvalidBeforeMayStay() {
        var loose = "{type: object, properties: {a: {type: string}, b: {type: string}, l: {type: array,"
                + " x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, required: [k],"
                + " properties: {k: {type: string}, v: {type: string}}}}}}";
        var strict =
                "{type: object, properties: {a: {type: string, maxLength: 1, x-kubernetes-validations: [{rule: self != 'long'}]},"
                        + " b: {type: string}, l: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k],"
                        + " items: {type: object, required: [k], properties: {k: {type: string}, v: {type: string, maxLength: 1}}}}}}";
        server.post(CRDS, CRD.formatted("raft", "Raft", loose)).ok();
        var path = "/apis/rules.example.com/v1/rafts";
        Awaitility.await().until(() -> server.get(path).code() == 200);
        var raft =
                "apiVersion: rules.example.com/v1\nkind: Raft\nmetadata: {name: %s}\nspec: {a: long, l: [{k: x, v: long}, {k: z, v: s}]}";
        server.post(path, raft.formatted("r")).ok();
        server.put(CRDS + "/rafts.rules.example.com", CRD.formatted("raft", "Raft", strict))
                .ok();
        Awaitility.await()
                .until(() ->
                        server.post(path + "?dryRun=All", raft.formatted("new")).code() == 422);
        server.patch(path + "/r", "spec: {b: changed}").ok();
        server.patch(path + "/r", "spec: {l: [{k: z, v: t}, {k: x, v: long}]}").ok();
        assertThat(server.patch(path + "/r", "spec: {a: other}").refused(422).message())
                .contains("spec.a: Too long");
        assertThat(server.patch(path + "/r", "spec: {l: [{k: z, v: long}]}")
                        .refused(422)
                        .message())
                .contains("spec.l[0].v: Too long");
    }

    @Test
    void refusesRulesThatDoNotCompile() {
        var broken =
                "{type: object, x-kubernetes-validations: [{rule: self.nothing > 1}], properties: {a: {type: integer}}}";
        assertThat(server.post(CRDS, CRD.formatted("wreck", "Wreck", broken))
                        .refused(422)
                        .message())
                .contains("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid"
                        + " value: \"self.nothing > 1\": compilation failed");
    }

    @Test
    void refusesRulesThatCouldCostTooMuch() {
        var costly =
                "{type: object, properties: {l: {type: array, items: {type: string, x-kubernetes-validations: [{rule: self.contains('a')}]}}}}";
        var rule =
                "spec.validation.openAPIV3Schema.properties[spec].properties[l].items.x-kubernetes-validations[0].rule: Forbidden: ";
        assertThat(server.post(CRDS, CRD.formatted("wreck", "Wreck", costly))
                        .refused(422)
                        .message())
                .contains(rule + "estimated rule cost exceeds budget by factor of more than 100x")
                .contains(rule
                        + "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")
                .contains(
                        "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total");
        var bounded = costly.replace("type: array,", "type: array, maxItems: 10,")
                .replace("items: {type: string,", "items: {type: string, maxLength: 100,");
        server.post(CRDS, CRD.formatted("trunk", "Trunk", bounded)).ok();
    }

    @Test
    void refusesSelectableFieldsThatAreNone() {
        var crd = CRD.formatted(
                "wreck", "Wreck", "{type: object, properties: {a: {type: array, items: {type: string}}}}");
        var selectable =
                crd + "    selectableFields: [{jsonPath: .spec.a}, {jsonPath: .spec.b}, {jsonPath: .metadata.name}]\n";
        assertThat(server.post(CRDS, selectable).refused(422).message())
                .contains("must point to a field of type string, boolean or integer")
                .contains("does not refer to a valid field")
                .contains("must not point to fields in metadata");
    }

    @Test
    void protectsKubernetesOwnGroups() {
        var crd = CRD.formatted("pier", "Pier", "{type: object}").replace("rules.example.com", "rules.k8s.io");
        assertThat(server.post(CRDS, crd).refused(422).message())
                .contains("protected groups must have approval annotation \"api-approved.kubernetes.io\"");
        var approved = crd.replace(
                "metadata: {", "metadata: {annotations: {api-approved.kubernetes.io: 'unapproved, a test'}, ");
        server.post(CRDS, approved).ok();
        Awaitility.await()
                .until(() -> server.get(CRDS + "/piers.rules.k8s.io")
                        .at("status.conditions")
                        .contains("UnapprovedAnnotation"));
    }
}
