package dev.sampan.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.kubernetes.client.extended.leaderelection.LeaderElector;
import io.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoordinationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentSpec;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.generic.GenericKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.Dynamics;
import io.kubernetes.client.util.generic.options.ListOptions;
import io.kubernetes.client.util.generic.options.PatchOptions;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** The official Java client (io.kubernetes:client-java): objects, patches, watches, informers and leader election. */
@SampanCluster
@Timeout(60)
class OfficialJavaClientTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final ApiClient api;
    private final CoreV1Api core;
    private final AppsV1Api apps;
    private String namespace = "";

    OfficialJavaClientTest(TestCluster cluster) throws IOException {
        api = connect(cluster);
        core = new CoreV1Api(api);
        apps = new AppsV1Api(api);
    }

    /** A client as programs make it: from the kubeconfig, all else as it comes. */
    static ApiClient connect(TestCluster cluster) throws IOException {
        try (var config = Files.newBufferedReader(cluster.kubeconfig())) {
            return ClientBuilder.kubeconfig(KubeConfig.loadKubeConfig(config)).build();
        }
    }

    @BeforeEach
    void makeNamespace(TestInfo test) throws ApiException {
        namespace = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(namespace)))
                .execute();
    }

    private V1ConfigMap configMap(String name, String value) {
        return new V1ConfigMap()
                .apiVersion("v1")
                .kind("ConfigMap")
                .metadata(new V1ObjectMeta().name(name).namespace(namespace).labels(Map.of("app", "test")))
                .data(Map.of("key", value));
    }

    private V1ConfigMap create(V1ConfigMap map) throws ApiException {
        return core.createNamespacedConfigMap(namespace, map).execute();
    }

    private static void assertCode(int code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ApiException.class,
                        e -> assertThat(e.getCode()).as(e.getResponseBody()).isEqualTo(code));
    }

    @Test
    void createsReadsReplacesAndDeletes() throws ApiException {
        var created = create(configMap("one", "a"));
        assertThat(created.getMetadata().getUid()).isNotEmpty();
        assertCode(409, () -> create(configMap("one", "b")));
        var replaced = core.replaceNamespacedConfigMap("one", namespace, created.data(Map.of("key", "b")))
                .execute();
        assertThat(replaced.getData()).containsEntry("key", "b");
        assertCode(
                409,
                () -> core.replaceNamespacedConfigMap("one", namespace, created).execute());
        var status = core.deleteNamespacedConfigMap("one", namespace).execute();
        assertThat(status.getStatus()).isEqualTo("Success");
        assertCode(404, () -> core.readNamespacedConfigMap("one", namespace).execute());
        assertCode(422, () -> create(configMap("Not A Name", "a")));
    }

    @Test
    void listsInPages() throws ApiException {
        for (int i = 0; i < 5; i++) {
            create(configMap("map-" + i, "v"));
        }
        var first = core.listNamespacedConfigMap(namespace)
                .labelSelector("app=test")
                .limit(2)
                .execute();
        assertThat(first.getItems()).hasSize(2);
        var rest = core.listNamespacedConfigMap(namespace)
                .labelSelector("app=test")
                ._continue(first.getMetadata().getContinue())
                .execute();
        assertThat(rest.getItems())
                .extracting(m -> m.getMetadata().getName())
                .containsExactly("map-2", "map-3", "map-4");
        core.deleteCollectionNamespacedConfigMap(namespace)
                .labelSelector("app=test")
                .execute();
        assertThat(core.listNamespacedConfigMap(namespace)
                        .labelSelector("app=test")
                        .execute()
                        .getItems())
                .isEmpty();
    }

    private V1Deployment patch(String type, String body) throws ApiException {
        var apply = type.equals(V1Patch.PATCH_FORMAT_APPLY_YAML);
        return PatchUtils.patch(
                V1Deployment.class,
                () -> apps.patchNamespacedDeployment("web", namespace, new V1Patch(body))
                        .fieldManager(apply ? "test" : null)
                        .buildCall(null),
                type,
                api);
    }

    @Test
    void patchesInEveryWay() throws ApiException {
        var labels = Map.of("app", "web");
        apps.createNamespacedDeployment(
                        namespace,
                        new V1Deployment()
                                .metadata(new V1ObjectMeta().name("web"))
                                .spec(new V1DeploymentSpec()
                                        .replicas(0)
                                        .selector(new V1LabelSelector().matchLabels(labels))
                                        .template(new V1PodTemplateSpec()
                                                .metadata(new V1ObjectMeta().labels(labels))
                                                .spec(new V1PodSpec()
                                                        .addContainersItem(new V1Container()
                                                                .name("a")
                                                                .image("busybox"))))))
                .execute();

        var strategic = patch(
                V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH,
                "{\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"b\", \"image\": \"alpine\"}]}}}}");
        assertThat(strategic.getSpec().getTemplate().getSpec().getContainers())
                .extracting(V1Container::getName)
                .containsExactlyInAnyOrder("a", "b");
        var json = patch(
                V1Patch.PATCH_FORMAT_JSON_PATCH,
                "[{\"op\": \"test\", \"path\": \"/spec/replicas\", \"value\": 0},"
                        + "{\"op\": \"add\", \"path\": \"/metadata/labels\", \"value\": {\"x\": \"y\"}}]");
        assertThat(json.getMetadata().getLabels()).containsOnly(Map.entry("x", "y"));
        var merge = patch(
                V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH,
                "{\"metadata\": {\"labels\": {\"x\": null}}, \"spec\": {\"template\": {\"spec\": {\"containers\":"
                        + " [{\"name\": \"only\", \"image\": \"busybox\"}]}}}}");
        assertThat(merge.getMetadata().getLabels()).isNullOrEmpty();
        assertThat(merge.getSpec().getTemplate().getSpec().getContainers()).hasSize(1);
        var applied = patch(
                V1Patch.PATCH_FORMAT_APPLY_YAML,
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, annotations: {by: apply}}}");
        assertThat(applied.getMetadata().getAnnotations()).containsEntry("by", "apply");
        assertThat(managers())
                .contains("Kubernetes Java Client Update", "test Apply")
                .doesNotHaveDuplicates();
    }

    /** The client's models leave managedFields out (unless kubernetes.client.includeManagedFields is set): read from the JSON itself. */
    private List<String> managers() {
        var deployment = new DynamicKubernetesApi("apps", "v1", "deployments", api).get(namespace, "web");
        var fields = deployment.getObject().getRaw().getAsJsonObject("metadata").getAsJsonArray("managedFields");
        return fields.asList().stream()
                .map(com.google.gson.JsonElement::getAsJsonObject)
                .filter(entry -> !entry.has("subresource"))
                .map(entry -> entry.get("manager").getAsString() + " "
                        + entry.get("operation").getAsString())
                .toList();
    }

    @Test
    void watchesFromARevision() throws Exception {
        var start = create(configMap("before", "a")).getMetadata().getResourceVersion();
        var seen = new ArrayList<String>();
        Type type = new com.google.gson.reflect.TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();
        try (var watch = Watch.<V1ConfigMap>createWatch(
                api,
                core.listNamespacedConfigMap(namespace)
                        .watch(true)
                        .labelSelector("app=test")
                        .resourceVersion(start)
                        .buildCall(null),
                type)) {
            var created = create(configMap("after", "b"));
            core.replaceNamespacedConfigMap("after", namespace, created.data(Map.of("key", "c")))
                    .execute();
            core.deleteNamespacedConfigMap("after", namespace).execute();
            while (seen.size() < 3 && watch.hasNext()) {
                var event = watch.next();
                seen.add(event.type + " " + event.object.getData().get("key"));
            }
        }
        assertThat(seen).containsExactly("ADDED b", "MODIFIED c", "DELETED c");
    }

    @Test
    void keepsAnInformersCacheCurrent() throws ApiException {
        create(configMap("early", "a"));
        var events = new CopyOnWriteArrayList<String>();
        var factory = new SharedInformerFactory(api);
        var maps = new GenericKubernetesApi<>(V1ConfigMap.class, V1ConfigMapList.class, "", "v1", "configmaps", api);
        var informer = factory.sharedIndexInformerFor(maps, V1ConfigMap.class, 0, namespace);
        informer.addEventHandler(new Recorder(events));
        factory.startAllRegisteredInformers();
        try {
            await().atMost(SOON).until(informer::hasSynced);
            create(configMap("late", "b"));
            core.deleteNamespacedConfigMap("early", namespace).execute();
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(events).containsSubsequence("added early", "added late", "deleted early"));
            assertThat(informer.getIndexer().getByKey(namespace + "/late").getData())
                    .containsEntry("key", "b");
            assertThat(informer.getIndexer().getByKey(namespace + "/early")).isNull();
        } finally {
            factory.stopAllRegisteredInformers();
        }
    }

    private record Recorder(List<String> events) implements ResourceEventHandler<V1ConfigMap> {
        @Override
        public void onAdd(V1ConfigMap map) {
            events.add("added " + map.getMetadata().getName());
        }

        @Override
        public void onUpdate(V1ConfigMap before, V1ConfigMap after) {}

        @Override
        public void onDelete(V1ConfigMap map, boolean stateUnknown) {
            events.add("deleted " + map.getMetadata().getName());
        }
    }

    @Test
    void appliesWithTheGenericApi() {
        var maps = new GenericKubernetesApi<>(V1ConfigMap.class, V1ConfigMapList.class, "", "v1", "configmaps", api);
        assertThat(apply(maps, "first", "ours", false).isSuccess()).isTrue();

        var conflict = apply(maps, "second", "theirs", false);

        assertThat(conflict.getHttpStatusCode()).isEqualTo(409);
        assertThat(conflict.getStatus().getDetails().getCauses())
                .singleElement()
                .satisfies(cause -> {
                    assertThat(cause.getReason()).isEqualTo("FieldManagerConflict");
                    assertThat(cause.getField()).isEqualTo(".data.key");
                });
        assertThat(apply(maps, "second", "theirs", true).getObject().getData()).containsEntry("key", "theirs");
        var listed = new ListOptions();
        listed.setFieldSelector("metadata.name=shared");
        assertThat(maps.list(namespace, listed).getObject().getItems()).hasSize(1);
    }

    private io.kubernetes.client.util.generic.KubernetesApiResponse<V1ConfigMap> apply(
            GenericKubernetesApi<V1ConfigMap, V1ConfigMapList> maps, String manager, String value, boolean force) {
        var options = new PatchOptions();
        options.setFieldManager(manager);
        options.setForce(force);
        var body = new V1Patch(
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: {key: %s}}".formatted(value));
        return maps.patch(namespace, "shared", V1Patch.PATCH_FORMAT_APPLY_YAML, body, options);
    }

    @Test
    void handlesObjectsWithoutAModel() {
        var jobs = new DynamicKubernetesApi("kubeflow.org", "v1", "tfjobs", api);
        assertThat(jobs.list(namespace).getObject().getItems()).isEmpty();
        var refused = jobs.create(Dynamics.newFromJson("""
                {"apiVersion": "kubeflow.org/v1", "kind": "TFJob", "metadata": {"namespace": "%s", "name": "j"}, "spec": {}}
                """.formatted(namespace)));
        assertThat(refused.getHttpStatusCode()).isEqualTo(422);
        assertThat(refused.getStatus().getDetails().getCauses().getFirst().getField())
                .isEqualTo("spec.tfReplicaSpecs");

        var maps = new DynamicKubernetesApi("", "v1", "configmaps", api);
        var created = maps.create(Dynamics.newFromJson(
                "{\"metadata\": {\"namespace\": \"%s\", \"name\": \"m\"}, \"data\": {\"a\": \"b\"}}"
                        .formatted(namespace)));
        assertThat(created.getObject().getRaw().getAsJsonObject("data").get("a").getAsString())
                .isEqualTo("b");
        assertThat(maps.delete(namespace, "m").isSuccess()).isTrue();
    }

    @Test
    void electsOneLeaderAtATime() throws ApiException {
        var leaders = new CopyOnWriteArrayList<String>();
        var first = elect("first", leaders);
        await().atMost(SOON).until(() -> leaders.contains("first"));
        var second = elect("second", leaders);
        assertThat(leaders).containsExactly("first");

        first.close(); // gives the lease back

        await().atMost(SOON).untilAsserted(() -> assertThat(leaders).containsExactly("first", "second"));
        assertThat(new CoordinationV1Api(api)
                        .readNamespacedLease("lock", namespace)
                        .execute()
                        .getSpec()
                        .getHolderIdentity())
                .isEqualTo("second");
        second.close();
    }

    private LeaderElector elect(String identity, List<String> leaders) {
        var elector = new LeaderElector(new LeaderElectionConfig(
                new LeaseLock(namespace, "lock", identity, api),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofMillis(300)));
        Thread.ofVirtual().start(() -> elector.run(() -> leaders.add(identity), () -> {}));
        return elector;
    }
}
