package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Finds out whether APIServices can be reached, and writes it into their condition {@code Available}. */
final class Availability {

    private static final Logger LOG = LoggerFactory.getLogger(Availability.class);
    private static final GroupResource SERVICES = new GroupResource("", "services");
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Map<String, List<String>> HEADERS = Map.of(
            "accept", List.of("application/json"),
            "x-remote-user", List.of("system:kube-aggregator"),
            "x-remote-group", List.of("system:masters"));

    private final Objects objects;
    private final InstantSource clock;

    Availability(Objects objects, InstantSource clock) {
        this.objects = objects;
        this.clock = clock;
    }

    private record Finding(
            boolean available,
            String reason,
            String message,
            @Nullable JsonNode resources) {}

    /**
     * Checks an APIService now.
     *
     * @param remote null when this server answers it
     * @return the remote with what was found; null when there is none
     */
    @Nullable
    Remote check(String name, @Nullable Remote remote) {
        try {
            if (remote == null) {
                write(name, new Finding(true, "Local", "Local APIServices are always available", null));
                return null;
            }
            var finding = look(remote);
            write(name, finding);
            return remote.checked(finding.available(), finding.resources());
        } catch (ApiException e) {
            LOG.debug("APIService {} could not be checked: {}", name, e.getMessage());
            return null;
        }
    }

    private Finding look(Remote remote) {
        if (objects.get(SERVICES, remote.namespace(), remote.service()) == null) {
            return new Finding(
                    false,
                    "ServiceNotFound",
                    "service/%s in \"%s\" is not present".formatted(remote.service(), remote.namespace()),
                    null);
        }
        try {
            var upstream = remote.upstream(objects);
            var answer = upstream.call("GET", remote.path(), HEADERS, new byte[0], PATIENCE);
            if (answer.status() != 200) {
                return failed(remote, "bad status from %s: %d".formatted(url(remote), answer.status()));
            }
            return new Finding(
                    true, "Passed", "all checks passed", JsonMapper.shared().readTree(answer.body()));
        } catch (ApiException e) {
            return new Finding(
                    false,
                    "MissingEndpoints",
                    "endpoints for service/%s in \"%s\" have no addresses with port %d"
                            .formatted(remote.service(), remote.namespace(), remote.port()),
                    null);
        } catch (IOException | JacksonException e) {
            return failed(remote, "Get \"%s\": %s".formatted(url(remote), e.getMessage()));
        }
    }

    private static String url(Remote remote) {
        return "https://%s.%s.svc:%d%s".formatted(remote.service(), remote.namespace(), remote.port(), remote.path());
    }

    private static Finding failed(Remote remote, String why) {
        return new Finding(
                false,
                "FailedDiscoveryCheck",
                "failing or missing response from %s: %s".formatted(url(remote), why),
                null);
    }

    private void write(String name, Finding finding) {
        if (objects.get(Aggregator.API_SERVICES, "", name) == null) {
            return;
        }
        objects.modify(Aggregator.API_SERVICES, "", name, latest -> {
            var status = finding.available() ? "True" : "False";
            for (var condition : latest.path("status").path("conditions")) {
                if (Meta.text(condition, "type").equals("Available")) {
                    update((ObjectNode) condition, status, finding);
                    return latest;
                }
            }
            var condition = latest.withObject("/status").withArray("conditions").addObject();
            update(condition.put("type", "Available"), status, finding);
            return latest;
        });
    }

    private void update(ObjectNode condition, String status, Finding finding) {
        if (!Meta.text(condition, "status").equals(status)) {
            condition.put(
                    "lastTransitionTime",
                    clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        condition.put("status", status).put("reason", finding.reason()).put("message", finding.message());
    }
}
