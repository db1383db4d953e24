package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.GroupKind;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.KindRules;
import dev.sampan.apiserver.SubresourceHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rules of every built-in kind that has any. */
public final class BuiltinKinds {

    private final Map<GroupKind, KindRules> rules = new HashMap<>();

    /** @param addresses hands out the addresses and ports of Services */
    public BuiltinKinds(ServiceAddresses addresses) {
        core(addresses);
        workloads();
        cluster();
        storage();
        devices();
        rbac();
        admission();
    }

    /** The rules of a kind; {@link KindRules#NONE} when it has none of its own. */
    public KindRules of(GroupKind kind) {
        return rules.getOrDefault(kind, KindRules.NONE);
    }

    /** All rules there are. */
    public Map<GroupKind, KindRules> rules() {
        return Map.copyOf(rules);
    }

    /** Subresources with a behaviour of their own. */
    public static List<SubresourceHandler> handlers() {
        return List.of(
                new PodBinding(new GroupResource("", "pods"), "binding"),
                new PodBinding(new GroupResource("", "bindings"), ""),
                new PodEviction());
    }

    private void core(ServiceAddresses addresses) {
        add("", "ConfigMap", new ConfigMapRules());
        add("", "Endpoints", new EndpointsRules());
        add("", "Event", new EventRules());
        add("", "LimitRange", new LimitRangeRules());
        add("", "Namespace", new NamespaceRules());
        add("", "Node", new NodeRules());
        add("", "PersistentVolume", new PersistentVolumeRules());
        add("", "PersistentVolumeClaim", new PersistentVolumeClaimRules());
        add("", "Pod", new PodRules());
        add("", "PodTemplate", new PodTemplateRules());
        add("", "ReplicationController", new ReplicationControllerRules());
        add("", "ResourceQuota", new ResourceQuotaRules());
        add("", "Secret", new SecretRules());
        add("", "Service", new ServiceRules(addresses));
    }

    private void cluster() {
        add("apiregistration.k8s.io", "APIService", new ApiServiceRules());
        add("autoscaling", "HorizontalPodAutoscaler", new HorizontalPodAutoscalerRules());
        add("certificates.k8s.io", "CertificateSigningRequest", new CertificateSigningRequestRules());
        add("coordination.k8s.io", "Lease", new LeaseRules());
        add("discovery.k8s.io", "EndpointSlice", new EndpointSliceRules());
        add("flowcontrol.apiserver.k8s.io", "FlowSchema", new FlowSchemaRules());
        add("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", new PriorityLevelConfigurationRules());
        add("networking.k8s.io", "Ingress", new IngressRules());
        add("networking.k8s.io", "IngressClass", new IngressClassRules());
        add("networking.k8s.io", "IPAddress", new IpAddressRules());
        add("networking.k8s.io", "NetworkPolicy", new NetworkPolicyRules());
        add("networking.k8s.io", "ServiceCIDR", new ServiceCidrRules());
        add("node.k8s.io", "RuntimeClass", new RuntimeClassRules());
        add("policy", "PodDisruptionBudget", new PodDisruptionBudgetRules());
        add("scheduling.k8s.io", "PriorityClass", new PriorityClassRules());
    }

    private void storage() {
        add("storage.k8s.io", "CSIDriver", new CsiDriverRules());
        add("storage.k8s.io", "CSINode", new CsiNodeRules());
        add("storage.k8s.io", "CSIStorageCapacity", new CsiStorageCapacityRules());
        add("storage.k8s.io", "StorageClass", new StorageClassRules());
        add("storage.k8s.io", "VolumeAttachment", new VolumeAttachmentRules());
        add("storage.k8s.io", "VolumeAttributesClass", new VolumeAttributesClassRules());
    }

    private void devices() {
        var group = "resource.k8s.io";
        add(group, "DeviceClass", new DeviceClassRules());
        add(group, "ResourceClaim", new ResourceClaimRules(false));
        add(group, "ResourceClaimTemplate", new ResourceClaimRules(true));
        add(group, "ResourceSlice", new ResourceSliceRules());
    }

    private void workloads() {
        add("apps", "Deployment", new DeploymentRules());
        add("apps", "ReplicaSet", new ReplicaSetRules());
        add("apps", "StatefulSet", new StatefulSetRules());
        add("apps", "DaemonSet", new DaemonSetRules());
        add("batch", "Job", new JobRules());
        add("apps", "ControllerRevision", new ControllerRevisionRules());
        add("batch", "CronJob", new CronJobRules());
    }

    private void admission() {
        var group = "admissionregistration.k8s.io";
        add(group, "ValidatingAdmissionPolicy", new AdmissionPolicyRules(false));
        add(group, "MutatingAdmissionPolicy", new AdmissionPolicyRules(true));
        add(group, "ValidatingAdmissionPolicyBinding", new AdmissionPolicyBindingRules(false));
        add(group, "MutatingAdmissionPolicyBinding", new AdmissionPolicyBindingRules(true));
        add(group, "ValidatingWebhookConfiguration", new WebhookConfigurationRules(false));
        add(group, "MutatingWebhookConfiguration", new WebhookConfigurationRules(true));
    }

    private void rbac() {
        add(RoleRules.GROUP, "ClusterRole", new RoleRules(false));
        add(RoleRules.GROUP, "Role", new RoleRules(true));
        add(RoleRules.GROUP, "ClusterRoleBinding", new RoleBindingRules(false));
        add(RoleRules.GROUP, "RoleBinding", new RoleBindingRules(true));
    }

    private void add(String group, String kind, KindRules rule) {
        rules.put(new GroupKind(group, kind), rule);
    }
}
