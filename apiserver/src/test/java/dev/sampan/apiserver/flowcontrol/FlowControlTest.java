package dev.sampan.apiserver.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.MetricsText;
import dev.sampan.apiserver.RequestGate;
import dev.sampan.apiserver.SecurityOptions;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.apiserver.WholeServer;
import dev.sampan.apiserver.kinds.FakeObjects;
import dev.sampan.schema.codec.Yaml;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class FlowControlTest {

    private static final Attributes GET = Attributes.ofResource("get", "", "v1", "pods", "", "team", "p");
    private static final Attributes LIST = Attributes.ofResource("list", "", "v1", "pods", "", "team", "");

    private static final InstantSource CLOCK = InstantSource.system();

    private final FakeObjects objects = new FakeObjects();

    private void level(String name, int shares, String response) {
        create(
                "PriorityLevelConfiguration",
                name,
                "{type: Limited, limited: {nominalConcurrencyShares: %d, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: %s}}"
                        .formatted(shares, response));
    }

    private void schema(String name, int precedence, String level, String subject) {
        create("FlowSchema", name, """
                matchingPrecedence: %d
                priorityLevelConfiguration: {name: %s}
                distinguisherMethod: {type: ByUser}
                rules:
                - subjects: [%s]
                  resourceRules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*']}]
                """.formatted(precedence, level, subject));
    }

    private void create(String kind, String name, String spec) {
        var object = (ObjectNode)
                Yaml.read(("kind: " + kind + "\nmetadata: {name: " + name + "}").getBytes(StandardCharsets.UTF_8))
                        .tree();
        object.set("spec", Yaml.read(spec.getBytes(StandardCharsets.UTF_8)).tree());
        objects.create(kind.equals("FlowSchema") ? FlowControl.SCHEMAS : FlowControl.LEVELS, object);
    }

    private static ApiRequest request(UserInfo user) {
        return ApiRequest.of(user, "GET", "/api/v1/namespaces/team/pods/p");
    }

    private static RequestGate.Pass enter(FlowControl control, String user) {
        var info = UserInfo.of(user);
        return control.enter(info, GET, request(info));
    }

    private static String metrics(FlowControl control) {
        var out = new MetricsText();
        control.writeMetrics(out);
        return out.toString();
    }

    @Test
    void whatFindsNoSeatIsToldToComeBack() throws Exception {
        level("small", 1, "{type: Reject}");
        schema("all", 100, "small", "{kind: Group, group: {name: 'system:authenticated'}}");
        try (var control = new FlowControl(objects, 2, a -> 0, CLOCK)) {
            var first = enter(control, "a");
            var second = enter(control, "b");
            assertThatThrownBy(() -> enter(control, "c")).isInstanceOfSatisfying(ApiException.class, e -> {
                assertThat(e.code()).isEqualTo(429);
                assertThat(e.status().details()).extracting("retryAfterSeconds").isEqualTo(1);
            });
            assertThat(metrics(control)).contains("reason=\"concurrency-limit\"} 1\n");
            first.leave();
            enter(control, "c").leave();
            second.leave();
        }
    }

    @Test
    void aBusyFlowDoesNotKeepOthersWaiting() throws Exception {
        level("queued", 1, "{type: Queue, queuing: {queues: 64, handSize: 1, queueLengthLimit: 100}}");
        schema("all", 100, "queued", "{kind: User, user: {name: '*'}}");
        try (var control = new FlowControl(objects, 1, a -> 0, CLOCK);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = enter(control, "elephant");
            var order = new ConcurrentLinkedQueue<String>();
            for (int i = 0; i < 20; i++) {
                threads.execute(() -> pass(control, "elephant", order));
            }
            await().until(() -> control.waiting("queued") == 20);
            threads.execute(() -> pass(control, "mouse", order));
            await().until(() -> control.waiting("queued") == 21);
            running.leave();
            await().until(() -> order.size() == 21);
            assertThat(new ArrayList<>(order).indexOf("mouse")).isLessThanOrEqualTo(1);
        }
    }

    private static void pass(FlowControl control, String user, ConcurrentLinkedQueue<String> order) {
        var pass = enter(control, user);
        order.add(user);
        pass.leave();
    }

    @Test
    void waitingEnds() throws Exception {
        level("queued", 1, "{type: Queue, queuing: {queues: 1, handSize: 1, queueLengthLimit: 1}}");
        schema("all", 100, "queued", "{kind: User, user: {name: '*'}}");
        try (var control = new FlowControl(objects, 1, a -> 0, CLOCK, Duration.ofMillis(20))) {
            var running = enter(control, "a");
            assertThatThrownBy(() -> enter(control, "b")).isInstanceOf(ApiException.class);
            assertThat(control.waiting("queued")).isZero();
            assertThat(metrics(control)).contains("reason=\"time-out\"} 1\n");
            running.leave();
            enter(control, "b").leave();
        }
    }

    @Test
    void seatsAreSharedOutAndLent() throws Exception {
        create(
                "PriorityLevelConfiguration",
                "rich",
                "{type: Limited, limited: {nominalConcurrencyShares: 30, lendablePercent: 50, limitResponse: {type: Reject}}}");
        create(
                "PriorityLevelConfiguration",
                "poor",
                "{type: Limited, limited: {nominalConcurrencyShares: 10, lendablePercent: 0, limitResponse: {type: Reject}}}");
        schema("poor", 1, "poor", "{kind: User, user: {name: poor}}");
        schema("rich", 2, "rich", "{kind: User, user: {name: rich}}");
        try (var control = new FlowControl(objects, 40, a -> 0, CLOCK)) {
            var passes = new ArrayList<RequestGate.Pass>();
            for (int i = 0; i < 25; i++) {
                passes.add(enter(control, "poor")); // ten of its own, fifteen lent
            }
            assertThatThrownBy(() -> enter(control, "poor")).isInstanceOf(ApiException.class);
            for (int i = 0; i < 30; i++) {
                passes.add(enter(control, "rich"));
            }
            assertThatThrownBy(() -> enter(control, "rich")).isInstanceOf(ApiException.class);
            passes.forEach(RequestGate.Pass::leave);
            enter(control, "poor").leave();
        }
    }

    @Test
    void largeListsTakeSeveralSeats() throws Exception {
        level("small", 1, "{type: Reject}");
        schema("all", 100, "small", "{kind: User, user: {name: '*'}}");
        try (var control = new FlowControl(objects, 10, a -> 950, CLOCK)) {
            var user = UserInfo.of("a");
            var list = control.enter(user, LIST, ApiRequest.of(user, "GET", "/api/v1/pods"));
            assertThatThrownBy(() -> enter(control, "b")).isInstanceOf(ApiException.class);
            list.leave();
            var page = control.enter(user, LIST, ApiRequest.of(user, "GET", "/api/v1/pods?limit=100"));
            enter(control, "b").leave();
            page.leave();
        }
    }

    @Test
    void handsAreDistinctAndSpread() {
        var seen = new HashSet<Integer>();
        for (int i = 0; i < 500; i++) {
            var hand = ShuffleSharding.deal(ShuffleSharding.hash("schema", "user" + i), 64, 6);
            assertThat(Arrays.stream(hand).distinct().count()).isEqualTo(6);
            Arrays.stream(hand).forEach(seen::add);
        }
        assertThat(seen).hasSize(64).allMatch(q -> q >= 0 && q < 64);
    }

    @Test
    void aWholeServerNamesTheFlow(@TempDir Path temp) {
        try (var server = new WholeServer(temp)) {
            var schemas = server.get("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas")
                    .ok();
            assertThat(schemas.body().path("items")).hasSize(13);
            assertThat(server.get("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations")
                            .ok()
                            .body()
                            .path("items"))
                    .hasSize(8);
            for (var expected : List.of(List.of("exempt", UserInfo.MASTERS), List.of("system-nodes", "system:nodes"))) {
                var uid = server.get("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/" + expected.getFirst())
                        .at("metadata.uid");
                await().untilAsserted(() -> {
                    var user = UserInfo.of("x", expected.getLast());
                    var answer = server.call(user, "GET", "/api/v1/namespaces/default", "");
                    assertThat(answer.header("x-kubernetes-pf-flowschema-uid")).containsExactly(uid);
                    assertThat(answer.header("x-kubernetes-pf-prioritylevel-uid"))
                            .isNotEmpty();
                });
            }
        }
    }

    @Test
    void schemasSayWhetherTheirLevelIsThere(@TempDir Path temp) {
        try (var server = new WholeServer(temp)) {
            var schema = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/";
            server.post(schema.substring(0, schema.length() - 1), """
                    apiVersion: flowcontrol.apiserver.k8s.io/v1
                    kind: FlowSchema
                    metadata: {name: lost}
                    spec: {priorityLevelConfiguration: {name: nowhere}}
                    """).ok();
            await().untilAsserted(() -> {
                assertThat(server.get(schema + "lost").at("status.conditions.0.status"))
                        .isEqualTo("True");
                assertThat(server.get(schema + "probes").at("status.conditions.0.reason"))
                        .isEqualTo("Found");
            });
        }
    }

    @Test
    void plainBoundsWithoutFairness(@TempDir Path temp) {
        var limits = new InFlightLimits(1, 1);
        var user = UserInfo.of("a");
        var pass = limits.enter(user, GET, request(user));
        assertThatThrownBy(() -> limits.enter(user, GET, request(user))).isInstanceOf(ApiException.class);
        pass.leave();
        limits.enter(user, GET, request(user)).leave();
        var options = SecurityOptions.DEFAULT.withLimits(new SecurityOptions.Limits(10, 10, false));
        try (var server = new WholeServer(temp, c -> c.withSecurity(options))) {
            assertThat(server.get("/version").ok().header("x-kubernetes-pf-flowschema-uid"))
                    .isEmpty();
        }
    }
}
