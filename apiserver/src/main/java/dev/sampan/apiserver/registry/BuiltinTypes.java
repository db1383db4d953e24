package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.registry.ServedType.ScalePaths;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.GroupVersionResource;
import dev.sampan.schema.ResourceType;
import dev.sampan.schema.cel.CelRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the served types of the built-in kinds: which version each is stored in, and how versions convert. */
public final class BuiltinTypes {

    /** Resources whose objects live in another group, or are stored in another version of their own. */
    private static final Map<GroupResource, GroupVersionResource> STORED_ELSEWHERE = Map.of(
            new GroupResource("events.k8s.io", "events"), new GroupVersionResource("", "v1", "events"),
            new GroupResource("extensions", "ingresses"),
                    new GroupVersionResource("networking.k8s.io", "v1", "ingresses"),
            new GroupResource("autoscaling", "horizontalpodautoscalers"),
                    new GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers"));

    private static final ScalePaths SCALE = new ScalePaths("spec.replicas", "status.replicas", "spec.selector");

    /** Kinds whose generation counts, besides all kinds with a specification in apps, batch and policy. */
    private static final Set<GroupResource> GENERATION = Set.of(
            new GroupResource("", "pods"),
            new GroupResource("", "replicationcontrollers"),
            new GroupResource("networking.k8s.io", "ingresses"),
            new GroupResource("networking.k8s.io", "networkpolicies"),
            new GroupResource("discovery.k8s.io", "endpointslices"),
            new GroupResource("scheduling.k8s.io", "priorityclasses"),
            new GroupResource("flowcontrol.apiserver.k8s.io", "flowschemas"),
            new GroupResource("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
            new GroupResource("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
            new GroupResource("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
            new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicies"),
            new GroupResource("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
            new GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
            new GroupResource("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
            new GroupResource("apiextensions.k8s.io", "customresourcedefinitions"));

    /** What events.k8s.io selects by; the core group has other names for the same. */
    private static final List<String> EVENT_FIELDS = List.of(
            "regarding.kind",
            "regarding.namespace",
            "regarding.name",
            "regarding.uid",
            "regarding.apiVersion",
            "regarding.resourceVersion",
            "regarding.fieldPath",
            "reason",
            "reportingController",
            "type");

    private static final Set<String> GENERATION_GROUPS = Set.of("apps", "batch", "policy");

    private BuiltinTypes() {}

    /** @param rules rules by kind; kinds without have none */
    public static List<ServedType> of(Collection<ResourceType> types, Map<GroupKind, KindRules> rules) {
        var byName = new HashMap<GroupVersionResource, ResourceType>();
        types.forEach(t -> byName.put(t.gvr(), t));
        var storages = new HashMap<GroupVersionResource, StorageType>();
        var result = new ArrayList<ServedType>();
        for (var listed : types) {
            var type = withoutClash(listed);
            var home = home(type, byName);
            var storage = storages.computeIfAbsent(home.gvr(), g -> storage(home, rules));
            result.add(new ServedType(
                    type,
                    storage,
                    conversion(type, home),
                    scale(type),
                    List.of(),
                    type.gvk().group().equals("events.k8s.io") ? EVENT_FIELDS : List.of(),
                    CelRules.NONE,
                    deprecation(type),
                    ""));
        }
        return result;
    }

    /** The old Ingress leaves the short name to the new one. */
    private static ResourceType withoutClash(ResourceType type) {
        return type.gvk().group().equals("extensions")
                ? new ResourceType(
                        type.gvk(),
                        type.plural(),
                        type.singular(),
                        type.namespaced(),
                        List.of(),
                        type.categories(),
                        type.verbs(),
                        type.subresources(),
                        type.schema(),
                        type.storageVersion())
                : type;
    }

    private static ResourceType home(ResourceType type, Map<GroupVersionResource, ResourceType> byName) {
        var gvr = type.gvr();
        var elsewhere = STORED_ELSEWHERE.get(new GroupResource(gvr.group(), gvr.resource()));
        var wanted = elsewhere != null
                ? elsewhere
                : new GroupVersionResource(gvr.group(), type.storageVersion(), gvr.resource());
        return byName.getOrDefault(wanted, type);
    }

    private static StorageType storage(ResourceType home, Map<GroupKind, KindRules> rules) {
        var gvk = home.gvk();
        var resource = new GroupResource(gvk.group(), home.plural());
        boolean generation = GENERATION.contains(resource)
                || (GENERATION_GROUPS.contains(gvk.group())
                        && home.schema().properties().containsKey("spec"));
        var own = rules.getOrDefault(new GroupKind(gvk.group(), gvk.kind()), KindRules.NONE);
        return new StorageType(home, own, false, generation);
    }

    private static Conversion conversion(ResourceType type, ResourceType home) {
        if (type.gvk().equals(home.gvk())) {
            return Conversion.NONE;
        }
        var special = BuiltinConversions.between(type.gvk(), home.gvk());
        return special != null
                ? special
                : Conversion.relabel(type.gvk().apiVersion(), home.gvk().apiVersion());
    }

    private static @Nullable ScalePaths scale(ResourceType type) {
        return type.subresource("scale").isPresent() ? SCALE : null;
    }

    private static String deprecation(ResourceType type) {
        var gvk = type.gvk();
        if (gvk.equals(new GroupVersionKind("", "v1", "Endpoints"))) {
            return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
        }
        if (gvk.equals(new GroupVersionKind("", "v1", "ComponentStatus"))) {
            return "v1 ComponentStatus is deprecated in v1.19+";
        }
        if (gvk.group().equals("extensions")) {
            return "extensions/v1beta1 Ingress is deprecated; use networking.k8s.io/v1 Ingress";
        }
        return "";
    }
}
