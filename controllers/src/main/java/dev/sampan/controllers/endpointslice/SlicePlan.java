package dev.sampan.controllers.endpointslice;

import dev.sampan.controllers.ownership.Owners;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which slices to create, update and delete so that they hold the wanted endpoints: at most a hundred in a slice, slices
 * changed only where they must, one empty slice when there are no endpoints. Used once.
 */
final class SlicePlan {

    static final String SERVICE_NAME = "kubernetes.io/service-name";
    static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    static final String MANAGER = "endpointslice-controller.k8s.io";
    static final String HEADLESS = "service.kubernetes.io/headless";
    static final String TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";
    static final int MAX_ENDPOINTS = 100;

    private final Service service;
    private final String addressType;
    private final String triggerTime;
    private final List<EndpointSlice> create = new ArrayList<>();
    private final List<EndpointSlice> update = new ArrayList<>();
    private final List<EndpointSlice> delete = new ArrayList<>();

    record Result(List<EndpointSlice> create, List<EndpointSlice> update, List<EndpointSlice> delete) {}

    private SlicePlan(Service service, String addressType, String triggerTime) {
        this.service = service;
        this.addressType = addressType;
        this.triggerTime = triggerTime;
    }

    /**
     * @param existing the Service's slices that this controller manages, of the address type
     * @param triggerTime when the change that led here happened, empty when unknown
     */
    static Result decide(
            Service service,
            String addressType,
            Collection<EndpointSlice> existing,
            Collection<Backends.Backend> backends,
            String triggerTime) {
        var plan = new SlicePlan(service, addressType, triggerTime);
        plan.decide(existing, backends);
        return new Result(plan.create, plan.update, plan.delete);
    }

    private void decide(Collection<EndpointSlice> existing, Collection<Backends.Backend> backends) {
        var wanted = new LinkedHashMap<List<EndpointPort>, List<Endpoint>>();
        backends.forEach(b -> wanted.computeIfAbsent(sorted(b.ports()), p -> new ArrayList<>())
                .add(b.endpoint()));
        if (wanted.isEmpty()) {
            wanted.put(List.of(), List.of());
        }
        var present = new HashMap<List<EndpointPort>, List<EndpointSlice>>();
        existing.stream()
                .sorted(Comparator.comparing(s -> s.getMetadata().getName()))
                .forEach(s -> present.computeIfAbsent(sorted(s.getPorts()), p -> new ArrayList<>())
                        .add(s));
        wanted.forEach((ports, endpoints) -> {
            var slices = present.remove(ports);
            place(ports, endpoints, slices == null ? List.of() : slices);
        });
        present.values().forEach(delete::addAll);
    }

    /** Endpoints stay where they are; new ones fill the slices that change anyway, then others, then new slices. */
    private void place(List<EndpointPort> ports, List<Endpoint> endpoints, List<EndpointSlice> slices) {
        var missing = new LinkedHashMap<String, Endpoint>();
        endpoints.forEach(e -> missing.put(identity(e), e));
        var contents = new LinkedHashMap<EndpointSlice, List<Endpoint>>();
        for (var slice : slices) {
            var kept = new ArrayList<Endpoint>();
            for (var endpoint : slice.getEndpoints()) {
                var current = missing.remove(identity(endpoint));
                if (current != null) {
                    kept.add(current);
                }
            }
            contents.put(slice, kept);
        }
        var rest = new ArrayList<>(missing.values());
        boolean placeholder = endpoints.isEmpty();
        contents.entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getValue().equals(e.getKey().getEndpoints())))
                .forEach(e -> fill(e.getValue(), rest));
        for (var entry : contents.entrySet()) {
            if (entry.getValue().isEmpty() && !placeholder) {
                delete.add(entry.getKey());
            } else if (placeholder && !entry.getKey().equals(slices.getFirst())) {
                delete.add(entry.getKey());
            } else {
                revise(entry.getKey(), entry.getValue());
            }
        }
        while (!rest.isEmpty() || (placeholder && slices.isEmpty() && create.isEmpty())) {
            var content = new ArrayList<Endpoint>();
            fill(content, rest);
            create.add(newSlice(ports, content));
        }
    }

    private static void fill(List<Endpoint> content, List<Endpoint> rest) {
        int count = Math.min(rest.size(), MAX_ENDPOINTS - content.size());
        if (count > 0) {
            content.addAll(rest.subList(0, count));
            rest.subList(0, count).clear();
        }
    }

    private void revise(EndpointSlice slice, List<Endpoint> content) {
        boolean same = content.equals(slice.getEndpoints())
                && labels().equals(slice.getMetadata().getLabels());
        if (!same) {
            update.add(new EndpointSliceBuilder(slice)
                    .editMetadata()
                    .withLabels(labels())
                    .withAnnotations(annotations(slice.getMetadata().getAnnotations()))
                    .endMetadata()
                    .withEndpoints(content)
                    .build());
        }
    }

    private EndpointSlice newSlice(List<EndpointPort> ports, List<Endpoint> content) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withGenerateName(service.getMetadata().getName() + "-")
                .withNamespace(service.getMetadata().getNamespace())
                .withLabels(labels())
                .withAnnotations(annotations(Map.of()))
                .withOwnerReferences(Owners.controllerReference(service))
                .endMetadata()
                .withAddressType(addressType)
                .withPorts(ports)
                .withEndpoints(content)
                .build();
    }

    private Map<String, String> labels() {
        var labels = new HashMap<String, String>();
        if (service.getMetadata().getLabels() != null) {
            labels.putAll(service.getMetadata().getLabels());
        }
        labels.remove(HEADLESS);
        if (Backends.isHeadless(service)) {
            labels.put(HEADLESS, "");
        }
        labels.put(SERVICE_NAME, service.getMetadata().getName());
        labels.put(MANAGED_BY, MANAGER);
        return labels;
    }

    private Map<String, String> annotations(@org.jspecify.annotations.Nullable Map<String, String> current) {
        var annotations = new HashMap<String, String>();
        if (current != null) {
            annotations.putAll(current);
        }
        if (triggerTime.isEmpty()) {
            annotations.remove(TRIGGER_TIME);
        } else {
            annotations.put(TRIGGER_TIME, triggerTime);
        }
        return annotations;
    }

    private static String identity(Endpoint endpoint) {
        var target = endpoint.getTargetRef();
        return (target == null ? "" : target.getUid()) + endpoint.getAddresses();
    }

    private static List<EndpointPort> sorted(List<EndpointPort> ports) {
        return ports.stream()
                .sorted(Comparator.comparing((EndpointPort p) -> Objects.requireNonNullElse(p.getName(), ""))
                        .thenComparing(p -> Objects.requireNonNullElse(p.getPort(), 0))
                        .thenComparing(p -> Objects.requireNonNullElse(p.getProtocol(), "")))
                .toList();
    }
}
