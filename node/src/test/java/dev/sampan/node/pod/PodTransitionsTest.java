package dev.sampan.node.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.client.testing.ManualTimers;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The pod loop, step by step: each file of {@code pod-transitions} has a pod, what happens to it, and what is seen after each step: the phase
 * and the conditions that hold, a line for each container, when the loop looks again, and the new events.
 */
class PodTransitionsTest {

    @TempDir
    Path folder;

    private final ManualTimers clock = new ManualTimers();
    private final FakeRuntime runtime = new FakeRuntime(clock);
    private final Recorder events = new Recorder();
    private final Objects objects = new Objects();
    private boolean stopped;

    static Stream<Path> cases() throws IOException {
        return Files.list(Path.of("src/test/resources/pod-transitions")).sorted();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void goesAsWritten(Path file) throws Exception {
        var yaml = new KubernetesSerialization();
        var story = yaml.unmarshal(Files.readString(file), Story.class);
        var pod = yaml.unmarshal(story.pod(), Pod.class);
        var sandbox = new PodSandbox("uid", "127.10.0.1", folder, folder.resolve("logs"), clock.instant());
        var seen = new ArrayList<Step>();

        for (var step : story.steps()) {
            Duration next = Duration.ZERO;
            for (var action : step.does()) {
                next = act(action.split(" "), pod, sandbox);
            }
            seen.add(new Step(step.does(), see(pod, sandbox, next)));
        }

        assertThat(seen).isEqualTo(story.steps());
    }

    /** @param pod YAML of its own */
    record Story(String pod, List<Step> steps) {}

    record Step(List<String> does, List<String> sees) {}

    private Duration act(String[] action, Pod pod, PodSandbox sandbox) throws InterruptedException {
        switch (action[0]) {
            case "sync" -> {
                return sync().sync(pod, sandbox);
            }
            case "stop" -> {
                sync().stopAll(pod, sandbox, Duration.ofSeconds(30));
                stopped = true;
            }
            case "exit" -> runtime.end(action[1], Integer.parseInt(action[2]));
            case "wait" -> clock.advance(Duration.parse("PT" + action[1]));
            case "image" -> runtime.addImage(action[1]);
            case "config" -> objects.configs.add(action[1]);
            default -> throw new IllegalArgumentException("unknown action " + action[0]);
        }
        return Duration.ZERO;
    }

    /** A new loop each time: it must keep everything in the sandbox and the runtime. */
    private PodSync sync() {
        var runs = new Runs(runtime, clock);
        var prober = new ProbeRunner(runs);
        var facts = new ContainerStarter.NodeFacts("127.0.0.1", Map.of(), Map.of());
        var starter = new ContainerStarter(runtime, objects, prober, events, facts);
        return new PodSync(runs, starter, prober, events, clock, uid -> {});
    }

    private List<String> see(Pod pod, PodSandbox sandbox, Duration next) {
        var facts = new PodStatuses.Facts(
                sandbox.ip, "127.0.0.1", sandbox.startTime, sandbox.sandboxReady, stopped, null, null);
        var status = PodStatuses.of(pod, sandbox.runs, facts, clock.instant());
        var lines = new ArrayList<String>();
        var conditions = new TreeSet<String>();
        status.getConditions().stream()
                .filter(condition -> condition.getStatus().equals("True")
                        && !Set.of("PodScheduled", "PodReadyToStartContainers").contains(condition.getType()))
                .forEach(condition -> conditions.add(condition.getType()));
        lines.add(status.getPhase() + " " + conditions);
        Stream.of(
                        status.getInitContainerStatuses(),
                        status.getContainerStatuses(),
                        status.getEphemeralContainerStatuses())
                .flatMap(List::stream)
                .map(PodTransitionsTest::line)
                .forEach(lines::add);
        if (!next.isZero()) {
            lines.add("again in " + next.toSeconds() + "s");
        }
        lines.addAll(events.take());
        return lines;
    }

    private static String line(ContainerStatus status) {
        var line = new StringBuilder(status.getName() + ": " + words(status.getState()));
        if (status.getRestartCount() > 0) {
            line.append(", restarts ").append(status.getRestartCount());
        }
        if (status.getLastState() != null && status.getLastState().getTerminated() != null) {
            line.append(", before ").append(words(status.getLastState()));
        }
        return line.toString();
    }

    private static String words(ContainerState state) {
        if (state.getRunning() != null) {
            return "running";
        }
        var ended = state.getTerminated();
        return ended == null
                ? "waiting " + state.getWaiting().getReason()
                : ended.getReason() + " " + ended.getExitCode() + " (" + ended.getContainerID() + ")";
    }

    private static final class Recorder implements PodEvents {
        private final List<String> lines = new ArrayList<>();

        List<String> take() {
            var taken = List.copyOf(lines);
            lines.clear();
            return taken;
        }

        @Override
        public void normal(Pod pod, String reason, String message) {
            lines.add("Normal " + reason + ": " + message);
        }

        @Override
        public void warning(Pod pod, String reason, String message) {
            lines.add("Warning " + reason + ": " + message);
        }

        @Override
        public void normal(Pod pod, Container container, String reason, String message) {
            normal(pod, reason, message);
        }

        @Override
        public void warning(Pod pod, Container container, String reason, String message) {
            warning(pod, reason, message);
        }
    }

    private static final class Objects implements ObjectLookup {
        private final List<String> configs = new ArrayList<>();

        @Override
        public @Nullable ConfigMap configMap(String namespace, String name) {
            return configs.contains(name)
                    ? new ConfigMapBuilder().addToData("mode", "fast").build()
                    : null;
        }

        @Override
        public @Nullable Secret secret(String namespace, String name) {
            return null;
        }

        @Override
        public @Nullable PersistentVolumeClaim claim(String namespace, String name) {
            return null;
        }

        @Override
        public @Nullable PersistentVolume volume(String name) {
            return null;
        }

        @Override
        public List<Service> services(String namespace) {
            return List.of();
        }

        @Override
        public String token(
                String namespace,
                String serviceAccount,
                String pod,
                String podUid,
                List<String> audiences,
                long seconds) {
            return "token";
        }
    }
}
