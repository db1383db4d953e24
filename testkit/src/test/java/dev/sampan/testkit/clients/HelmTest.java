package dev.sampan.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sampan.testkit.SampanCluster;
import dev.sampan.testkit.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Helm with a chart of ours: a release's whole life, with hooks at each of its steps. */
@SampanCluster
@Timeout(240)
class HelmTest {

    private static final String NAMESPACE = "charts";
    private static final String WAIT = "--timeout=60s";

    private final TestCluster cluster;
    private final KubernetesClient client;
    private final Path chart;

    HelmTest(TestCluster cluster, KubernetesClient client) throws Exception {
        this.cluster = cluster;
        this.client = client;
        chart = Path.of(Objects.requireNonNull(HelmTest.class.getResource("/charts/greeter/Chart.yaml"))
                        .toURI())
                .resolveSibling("");
    }

    @BeforeAll
    static void needsHelm() {
        assumeThat(Script.works("helm", "version")).as("helm is needed").isTrue();
    }

    private Script.Run run(String... arguments) {
        var command = new ArrayList<>(List.of("helm", "--namespace=" + NAMESPACE));
        command.addAll(List.of(arguments));
        return Script.run(cluster, chart, 120, command);
    }

    private String helm(String... arguments) {
        var run = run(arguments);
        assertThat(run.exitCode()).as(run.output()).isZero();
        return run.output();
    }

    private Map<String, String> values() {
        return client.configMaps()
                .inNamespace(NAMESPACE)
                .withName("greeter")
                .require()
                .getData();
    }

    private int ready() {
        return client.apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName("greeter")
                .require()
                .getStatus()
                .getReadyReplicas();
    }

    /** What the hooks of the release said. */
    private List<String> hooks() {
        return client.batch().v1().jobs().inNamespace(NAMESPACE).withLabel("hook").list().getItems().stream()
                .map(job -> client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(NAMESPACE)
                        .withName(job.getMetadata().getName())
                        .getLog()
                        .strip())
                .toList();
    }

    @Test
    void installsUpgradesRollsBackAndUninstalls() {
        assertThat(helm("lint", ".")).contains("0 chart(s) failed");
        assertThat(helm("install", "greeter", ".", "--create-namespace", "--dry-run=server"))
                .contains("# Source: greeter/templates/greeter.yaml");
        assertThat(helm("install", "greeter", ".", "--create-namespace", "--wait", WAIT))
                .contains("STATUS: deployed", "greeter greets with \"one\".");
        assertThat(ready()).isOne();
        assertThat(greetings()).containsExactly("greeter");
        assertThat(hooks())
                .containsExactlyInAnyOrder(
                        "pre-install of revision 1", "pre-install of revision 1", "post-install of revision 1");

        helm("upgrade", "greeter", ".", "--set=message=two,replicas=2", "--wait", WAIT);
        var namespace = client.namespaces().withName(NAMESPACE).require();
        assertThat(values())
                .containsEntry("message", "two")
                .containsEntry("kubernetes", client.getKubernetesVersion().getGitVersion())
                .containsEntry("namespaceUid", namespace.getMetadata().getUid());
        assertThat(ready()).isEqualTo(2);
        assertThat(hooks()).contains("pre-upgrade of revision 2", "post-upgrade of revision 2");
        assertThat(helm("test", "greeter", "--logs", WAIT)).contains("Succeeded", "the message is two");

        helm("rollback", "greeter", "1", "--wait", WAIT);
        assertThat(values()).containsEntry("message", "one");
        assertThat(ready()).isOne();
        // Helm keeps what a revision rendered, hooks included.
        assertThat(hooks()).contains("pre-rollback of revision 1", "post-rollback of revision 1");

        var refused =
                run("upgrade", "greeter", ".", "--set=image=no/such:image,message=bad", "--atomic", "--timeout=8s");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output()).contains("has been rolled back due to atomic being set");
        assertThat(values()).containsEntry("message", "one");
        assertThat(helm("history", "greeter"))
                .containsPattern("1 .*superseded.*Install complete")
                .containsPattern("3 .*superseded.*Rollback to 1")
                .containsPattern("4 .*failed")
                .containsPattern("5 .*deployed.*Rollback to 3");

        helm("uninstall", "greeter", "--wait", WAIT);
        assertThat(hooks()).contains("pre-delete of revision 1", "post-delete of revision 1");
        assertThat(helm("list", "--all", "--short")).isBlank();
        assertThat(client.apps().deployments().inNamespace(NAMESPACE).list().getItems())
                .isEmpty();
        assertThat(client.services().inNamespace(NAMESPACE).list().getItems()).isEmpty();
        assertThat(greetings()).isEmpty();
    }

    private List<String> greetings() {
        return client
                .genericKubernetesResources("charts.example.com/v1", "Greeting")
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .stream()
                .map(HasMetadata::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
    }
}
