package dev.sampan.network.dns;

import dev.sampan.network.dns.ServiceHosts.Host;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Answers questions about names of Services and pods. */
public final class ClusterZone {

    /** Seconds for which an answer may be kept: short, as pods come and go. */
    private static final long TTL = 5;

    private static final String SPECIFICATION = "1.1.0";

    private final Name origin;
    private final ClusterView cluster;

    /**
     * What is known about a name.
     *
     * @param rcode NOERROR or NXDOMAIN
     * @param records the answer; empty when the name exists without such a record
     * @param additional addresses of the hosts that the answer names
     */
    public record Answer(int rcode, List<Record> records, List<Record> additional) {

        private static final Answer NO_SUCH_NAME = new Answer(Rcode.NXDOMAIN, List.of(), List.of());

        private static Answer of(List<Record> records) {
            return new Answer(Rcode.NOERROR, records, List.of());
        }
    }

    /** @param domain the cluster's domain, such as {@code cluster.local} */
    public ClusterZone(String domain, ClusterView cluster) {
        this.origin = name(domain + ".");
        this.cluster = cluster;
    }

    /** Sent with answers that say no, so that they are not kept for long. */
    public SOARecord authority() {
        return new SOARecord(origin, DClass.IN, TTL, under("ns.dns"), under("hostmaster"), 1, 7200, 1800, 86_400, TTL);
    }

    /** @return empty when the name is none of the cluster's, so that somebody else is to be asked */
    public Optional<Answer> answer(Name question, int type) {
        if (question.subdomain(origin)) {
            List<String> labels = labels(question.relativize(origin));
            return Optional.of(forward(question, labels, type));
        }
        String address = ReverseNames.address(question);
        return address == null ? Optional.empty() : reverse(question, address, type);
    }

    /** @param labels from the zone's side: {@code svc, default, web} */
    private Answer forward(Name question, List<String> labels, int type) {
        if (labels.isEmpty()) {
            return Answer.of(type == Type.SOA ? List.of(authority()) : List.of());
        }
        return switch (labels.getFirst()) {
            case "dns-version" -> labels.size() == 1 ? version(question, type) : Answer.NO_SUCH_NAME;
            case "svc" -> service(question, labels.subList(1, labels.size()), type);
            case "pod" -> pod(question, labels.subList(1, labels.size()), type);
            default -> Answer.NO_SUCH_NAME;
        };
    }

    private static Answer version(Name question, int type) {
        return Answer.of(
                type == Type.TXT ? List.of(new TXTRecord(question, DClass.IN, TTL, SPECIFICATION)) : List.of());
    }

    private Answer pod(Name question, List<String> labels, int type) {
        if (labels.isEmpty()) {
            return Answer.of(List.of());
        }
        if (!cluster.namespaceExists(labels.getFirst())) {
            return Answer.NO_SUCH_NAME;
        }
        if (labels.size() == 1) {
            return Answer.of(List.of());
        }
        InetAddress address = labels.size() == 2 ? ReverseNames.dashed(labels.get(1)) : null;
        return address == null ? Answer.NO_SUCH_NAME : Answer.of(address(question, address.getHostAddress(), type));
    }

    private Answer service(Name question, List<String> labels, int type) {
        if (labels.isEmpty()) {
            return Answer.of(List.of());
        }
        String namespace = labels.getFirst();
        if (labels.size() == 1) {
            return cluster.namespaceExists(namespace) ? Answer.of(List.of()) : Answer.NO_SUCH_NAME;
        }
        Service service = cluster.service(namespace, labels.get(1));
        if (service == null) {
            return Answer.NO_SUCH_NAME;
        }
        List<String> rest = labels.subList(2, labels.size());
        if ("ExternalName".equals(service.getSpec().getType())) {
            return rest.isEmpty() ? externalName(question, service, type) : Answer.NO_SUCH_NAME;
        }
        return switch (rest.size()) {
            case 0 -> serviceItself(question, service, type);
            case 1 -> host(question, service, rest.getFirst(), type);
            case 2 -> port(question, service, rest.getFirst(), rest.get(1), type);
            default -> Answer.NO_SUCH_NAME;
        };
    }

    private static Answer externalName(Name question, Service service, int type) {
        var target = name(service.getSpec().getExternalName() + ".");
        boolean fits = type == Type.A || type == Type.AAAA || type == Type.CNAME || type == Type.ANY;
        return Answer.of(fits ? List.of(new CNAMERecord(question, DClass.IN, TTL, target)) : List.of());
    }

    private static boolean headless(Service service) {
        return "None".equals(service.getSpec().getClusterIP());
    }

    private static Set<String> clusterAddresses(Service service) {
        Set<String> addresses = new LinkedHashSet<>();
        if (service.getSpec().getClusterIP() != null
                && !service.getSpec().getClusterIP().isEmpty()) {
            addresses.add(service.getSpec().getClusterIP());
        }
        addresses.addAll(Objects.requireNonNullElse(service.getSpec().getClusterIPs(), List.of()));
        return addresses;
    }

    private List<Host> hosts(Service service) {
        var meta = service.getMetadata();
        return ServiceHosts.of(service, cluster.slices(meta.getNamespace(), meta.getName()));
    }

    private Answer serviceItself(Name question, Service service, int type) {
        List<Record> records = new ArrayList<>();
        if (headless(service)) {
            List<Host> hosts = hosts(service);
            if (hosts.isEmpty()) {
                return Answer.NO_SUCH_NAME;
            }
            hosts.forEach(host -> records.addAll(address(question, host.address(), type)));
        } else {
            clusterAddresses(service).forEach(address -> records.addAll(address(question, address, type)));
        }
        return type == Type.SRV ? allPorts(question, service) : Answer.of(distinct(records));
    }

    private Answer host(Name question, Service service, String label, int type) {
        List<Record> records = new ArrayList<>();
        boolean found = false;
        for (Host host : headless(service) ? hosts(service) : List.<Host>of()) {
            if (host.name().equalsIgnoreCase(label)) {
                found = true;
                records.addAll(address(question, host.address(), type));
            }
        }
        return found ? Answer.of(distinct(records)) : Answer.NO_SUCH_NAME;
    }

    private Answer port(Name question, Service service, String protocol, String portName, int type) {
        if (!protocol.startsWith("_") || !portName.startsWith("_")) {
            return Answer.NO_SUCH_NAME;
        }
        List<Record> records = new ArrayList<>();
        List<Record> additional = new ArrayList<>();
        addPorts(question, service, portName.substring(1), protocol.substring(1), records, additional);
        if (records.isEmpty()) {
            return Answer.NO_SUCH_NAME;
        }
        return type == Type.SRV
                ? new Answer(Rcode.NOERROR, distinct(records), distinct(additional))
                : Answer.of(List.of());
    }

    private Answer allPorts(Name question, Service service) {
        List<Record> records = new ArrayList<>();
        List<Record> additional = new ArrayList<>();
        addPorts(question, service, null, null, records, additional);
        return new Answer(Rcode.NOERROR, distinct(records), distinct(additional));
    }

    /** Adds an SRV record for each port that matches; null matches any. */
    private void addPorts(
            Name question,
            Service service,
            @Nullable String portName,
            @Nullable String protocol,
            List<Record> records,
            List<Record> additional) {
        if (headless(service)) {
            for (Host host : hosts(service)) {
                Name target = under(host.name() + "." + path(service));
                for (EndpointPort port : host.ports()) {
                    if (port.getPort() != null && matches(port.getName(), port.getProtocol(), portName, protocol)) {
                        records.add(new SRVRecord(question, DClass.IN, TTL, 0, 100, port.getPort(), target));
                        additional.addAll(address(target, host.address(), Type.ANY));
                    }
                }
            }
            return;
        }
        Name target = under(path(service));
        for (ServicePort port : Objects.requireNonNullElse(service.getSpec().getPorts(), List.<ServicePort>of())) {
            if (matches(port.getName(), port.getProtocol(), portName, protocol)) {
                records.add(new SRVRecord(question, DClass.IN, TTL, 0, 100, port.getPort(), target));
                clusterAddresses(service).forEach(a -> additional.addAll(address(target, a, Type.ANY)));
            }
        }
    }

    private static boolean matches(
            @Nullable String name, @Nullable String protocol, @Nullable String wantedName, @Nullable String wanted) {
        return (wantedName == null || wantedName.equalsIgnoreCase(name))
                && (wanted == null || wanted.equalsIgnoreCase(Objects.requireNonNullElse(protocol, "TCP")));
    }

    /** Empty for an address that is none of ours. */
    private Optional<Answer> reverse(Name question, String address, int type) {
        List<Record> records = new ArrayList<>();
        for (Service service : cluster.servicesAt(address)) {
            records.add(new PTRRecord(question, DClass.IN, TTL, under(path(service))));
        }
        for (EndpointSlice slice : records.isEmpty() ? cluster.slicesAt(address) : List.<EndpointSlice>of()) {
            Map<String, String> labels = slice.getMetadata().getLabels();
            String serviceName = labels == null ? null : labels.get("kubernetes.io/service-name");
            Service service = serviceName == null
                    ? null
                    : cluster.service(slice.getMetadata().getNamespace(), serviceName);
            for (Endpoint endpoint : Objects.requireNonNullElse(slice.getEndpoints(), List.<Endpoint>of())) {
                if (service != null
                        && headless(service)
                        && endpoint.getAddresses().contains(address)) {
                    Name target = under(ServiceHosts.label(endpoint, address) + "." + path(service));
                    records.add(new PTRRecord(question, DClass.IN, TTL, target));
                }
            }
        }
        if (records.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Answer.of(type == Type.PTR || type == Type.ANY ? distinct(records) : List.of()));
    }

    private static String path(Service service) {
        return service.getMetadata().getName() + "." + service.getMetadata().getNamespace() + ".svc";
    }

    private static List<Record> address(Name name, String text, int type) {
        InetAddress address = InetAddress.ofLiteral(text);
        boolean v4 = address.getAddress().length == 4;
        if (v4 && (type == Type.A || type == Type.ANY)) {
            return List.of(new ARecord(name, DClass.IN, TTL, address));
        }
        if (!v4 && (type == Type.AAAA || type == Type.ANY)) {
            return List.of(new AAAARecord(name, DClass.IN, TTL, address));
        }
        return List.of();
    }

    private static List<Record> distinct(List<Record> records) {
        return List.copyOf(new LinkedHashSet<>(records));
    }

    private static List<String> labels(Name relative) {
        List<String> labels = new ArrayList<>(
                Arrays.asList(relative.toString().toLowerCase(Locale.ROOT).split("\\.")));
        labels.removeIf(label -> label.isEmpty() || label.equals("@"));
        return labels.reversed();
    }

    private Name under(String labels) {
        return name(labels + "." + origin);
    }

    private static Name name(String text) {
        try {
            return Name.fromString(text);
        } catch (TextParseException e) {
            throw new IllegalArgumentException("not a DNS name: " + text, e);
        }
    }
}
