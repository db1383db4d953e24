package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked // navigates schemas whose fields are known to be there
class BuiltinCatalogTest {

    private final BuiltinCatalog catalog = BuiltinCatalog.load();

    @Test
    void knowsHowCollectionsAreNamedAndServed() {
        var deployments = catalog.find(new GroupVersionResource("apps", "v1", "deployments"))
                .orElseThrow();

        assertThat(deployments.gvk()).hasToString("apps/v1, Kind=Deployment");
        assertThat(deployments.singular()).isEqualTo("deployment");
        assertThat(deployments.namespaced()).isTrue();
        assertThat(deployments.shortNames()).containsExactly("deploy");
        assertThat(deployments.categories()).containsExactly("all");
        assertThat(deployments.verbs())
                .containsExactlyInAnyOrder(
                        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
        assertThat(deployments.subresource("scale").orElseThrow().kind()).hasToString("autoscaling/v1, Kind=Scale");
    }

    @Test
    void readsEveryDefinition() {
        for (var name : catalog.definitionNames()) {
            var schema = catalog.definition(name);
            assertThat(schema.definition()).isEqualTo(name);
            schema.properties().values().forEach(Schema::type); // follows references
        }
        assertThat(catalog.definitionNames()).hasSizeGreaterThan(600);
    }

    @Test
    void everyCollectionHasMetadataKindAndList() {
        for (var type : catalog.types()) {
            assertThat(type.schema().properties()).as(type.plural()).containsKeys("apiVersion", "kind", "metadata");
            if (type.verbs().contains("list")) {
                var list = catalog.schema(type.gvk().list()).orElseThrow();
                assertThat(list.field("items").items().definition())
                        .isEqualTo(type.schema().definition());
            }
            for (var sub : type.subresources()) {
                assertThat(catalog.schema(sub.kind()))
                        .as(type.plural() + "/" + sub.name())
                        .isPresent();
            }
        }
        assertThat(catalog.types()).hasSizeGreaterThan(60);
    }

    @Test
    void carriesMergeAndListMarkers() {
        var pod = catalog.schema(new GroupVersionKind("", "v1", "Pod")).orElseThrow();
        var containers = pod.field("spec").field("containers");

        assertThat(containers.patchMergeKey()).isEqualTo("name");
        assertThat(containers.patchStrategies()).containsExactly("merge");
        assertThat(containers.listType()).isEqualTo(Schema.ListType.MAP);
        assertThat(containers.listMapKeys()).containsExactly("name");
        assertThat(containers.items().field("ports").listMapKeys()).containsExactly("containerPort", "protocol");
        assertThat(containers
                        .items()
                        .field("ports")
                        .items()
                        .field("protocol")
                        .defaultValue()
                        .stringValue())
                .isEqualTo("TCP");
        assertThat(pod.field("metadata").field("finalizers").listType()).isEqualTo(Schema.ListType.SET);
        assertThat(pod.field("spec").field("volumes").patchStrategies()).containsExactly("merge", "retainKeys");
        assertThat(pod.field("spec").field("nodeSelector").atomicMap()).isTrue();
    }

    @Test
    void servesTheOldIngress() {
        var ingress = catalog.find(new GroupVersionResource("extensions", "v1beta1", "ingresses"))
                .orElseThrow();
        var backend = ingress.schema()
                .field("spec")
                .field("rules")
                .items()
                .field("http")
                .field("paths")
                .items()
                .field("backend");

        assertThat(backend.properties()).containsKeys("serviceName", "servicePort");
    }

    @Test
    void findsBodiesThatHaveNoCollection() {
        assertThat(catalog.schema(new GroupVersionKind("policy", "v1", "Eviction")))
                .isPresent();
        assertThat(catalog.schema(new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest")))
                .isPresent();
        assertThat(catalog.schema(new GroupVersionKind("apps", "v1", "DeleteOptions")))
                .isPresent();
        assertThat(catalog.schema(new GroupVersionKind("", "v1", "Status"))).isPresent();
        assertThat(catalog.schema(new GroupVersionKind("apps", "v1", "Nothing")))
                .isEmpty();
    }
}
