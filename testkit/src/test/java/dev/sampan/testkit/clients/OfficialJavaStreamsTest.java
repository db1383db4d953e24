package dev.sampan.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import io.kubernetes.client.Attach;
import io.kubernetes.client.Copy;
import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the official Java client does inside pods: logs, exec, attach, cp and port-forward, all over WebSockets but the logs. */
@SampanCluster
@Timeout(90)
class OfficialJavaStreamsTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String NAMESPACE = "default";

    private final ApiClient api;
    private final CoreV1Api core;

    OfficialJavaStreamsTest(TestCluster cluster) throws IOException {
        api = OfficialJavaClientTest.connect(cluster);
        core = new CoreV1Api(api);
    }

    private void run(String name, String script) throws ApiException {
        await().atMost(SOON)
                .ignoreExceptions() // until the controller has made the account that pods run under
                .until(() ->
                        core.readNamespacedServiceAccount("default", NAMESPACE).execute() != null);
        var container =
                new V1Container().name("main").image("busybox").stdin(true).command(List.of("sh", "-c", script));
        core.createNamespacedPod(
                        NAMESPACE,
                        new V1Pod()
                                .metadata(new V1ObjectMeta().name(name))
                                .spec(new V1PodSpec()
                                        .terminationGracePeriodSeconds(0L)
                                        .addContainersItem(container)))
                .execute();
        await().atMost(SOON)
                .until(() -> "Running"
                        .equals(core.readNamespacedPod(name, NAMESPACE)
                                .execute()
                                .getStatus()
                                .getPhase()));
    }

    @Test
    void followsALog() throws Exception {
        run("talker", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done");
        try (var log = new BufferedReader(new InputStreamReader(
                new PodLogs(api).streamNamespacedPodLog(NAMESPACE, "talker", "main"), StandardCharsets.UTF_8))) {
            assertThat(log.readLine()).isEqualTo("line 1");
            assertThat(log.readLine()).isEqualTo("line 2");
            assertThat(log.readLine()).isEqualTo("line 3");
        }
    }

    @Test
    void executesAndCopies(@TempDir Path folder) throws Exception {
        run("box", "sleep 600");

        var typing = new Exec(api).exec(NAMESPACE, "box", new String[] {"head", "-c", "5"}, true, false);
        var typed = typing.getInputStream();
        typing.getOutputStream().write("typed".getBytes(StandardCharsets.UTF_8));
        typing.getOutputStream().flush();
        assertThat(typed).hasContent("typed");
        assertThat(typing.waitFor()).isZero();

        var failing = new Exec(api)
                .exec(
                        NAMESPACE,
                        "box",
                        new String[] {"sh", "-c", "read -r x; echo out; echo err >&2; exit 7"},
                        true,
                        false);
        var out = failing.getInputStream();
        var err = failing.getErrorStream(); // The client has none to give once the command has ended.
        failing.getOutputStream().write('\n');
        failing.getOutputStream().flush();
        assertThat(out).hasContent("out");
        assertThat(err).hasContent("err");
        assertThat(failing.waitFor()).isEqualTo(7);

        var local = folder.resolve("back");
        var written = new Exec(api)
                .exec(NAMESPACE, "box", new String[] {"sh", "-c", "echo copied > /tmp/java-streams"}, false, false);
        assertThat(written.waitFor()).isZero();
        new Copy(api).copyFileFromPod(NAMESPACE, "box", "main", "/tmp/java-streams", local);
        assertThat(Files.readString(local)).isEqualTo("copied\n");
    }

    @Test
    void attachesToARunningProgram() throws Exception {
        run("reader", "while read -r line; do echo got $line; done");
        // Its shorter methods ask for no output.
        var attach = new Attach(api)
                .newConnectionBuilder(NAMESPACE, "reader")
                .setStdin(true)
                .setStdout(true)
                .setStderr(true);
        try (var attached = attach.connect()) {
            attached.getStandardInputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            attached.getStandardInputStream().flush();
            assertThat(attached.getStandardOutputStream().readNBytes(10))
                    .asString()
                    .isEqualTo("got hello\n");
        }
    }

    @Test
    void forwardsAPort() throws Exception {
        run(
                "web",
                "exec '%s/bin/java' -m jdk.httpserver -b $POD_IP -p 7070".formatted(System.getProperty("java.home")));
        var pod = InetAddress.getByName(
                core.readNamespacedPod("web", NAMESPACE).execute().getStatus().getPodIP());
        await().atMost(SOON).ignoreExceptions().until(() -> {
            try (var socket = new java.net.Socket(pod, 7070)) {
                return socket.isConnected();
            }
        });
        try (var forward = new PortForward(api).forward(NAMESPACE, "web", List.of(7070))) {
            var out = forward.getOutboundStream(7070);
            out.write("GET / HTTP/1.0\r\nHost: web\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            var answer =
                    new BufferedReader(new InputStreamReader(forward.getInputStream(7070), StandardCharsets.UTF_8));
            assertThat(answer.readLine()).startsWith("HTTP/1.1 200 OK");
        }
    }
}
