package dev.sampan.schema.generator;

import java.util.HashSet;
import java.util.Set;

/**
 * Fields of Kubernetes' Go types whose zero value ({@code ""}, {@code 0}, {@code false}) is not the same as no value: they
 * are pointers, or are written even when zero. Neither source says so; kubectl's typed round trip does
 * ({@code kubectl set env --local -o json}), and for kinds without pods the Go types.
 */
final class ZeroValues {

    /** Last parts of the definition's name, then its fields; a line that begins with spaces goes on. */
    private static final String TABLE =
            """
            admissionregistration.v1.MatchResources matchPolicy
            admissionregistration.v1.MutatingAdmissionPolicySpec failurePolicy
            admissionregistration.v1.MutatingWebhook failurePolicy matchPolicy reinvocationPolicy timeoutSeconds
            admissionregistration.v1.NamedRuleWithOperations scope
            admissionregistration.v1.ParamRef parameterNotFoundAction
            admissionregistration.v1.RuleWithOperations scope
            admissionregistration.v1.ServiceReference path port
            admissionregistration.v1.ValidatingAdmissionPolicySpec failurePolicy
            admissionregistration.v1.ValidatingWebhook failurePolicy matchPolicy timeoutSeconds
            admissionregistration.v1.Validation reason
            admissionregistration.v1.WebhookClientConfig url
            apiextensions.v1.CustomResourceDefinitionVersion deprecationWarning
            apiextensions.v1.CustomResourceSubresourceScale labelSelectorPath
            apiextensions.v1.JSONSchemaProps default maxItems maxLength maxProperties maximum minItems minLength minProperties
              minimum multipleOf x-kubernetes-list-type x-kubernetes-map-type x-kubernetes-preserve-unknown-fields
            apiextensions.v1.ServiceReference path port
            apiextensions.v1.ValidationRule optionalOldSelf reason
            apiextensions.v1.WebhookClientConfig url
            apiregistration.v1.ServiceReference port
            apps.v1.DaemonSetSpec revisionHistoryLimit
            apps.v1.DaemonSetStatus collisionCount
            apps.v1.DeploymentSpec progressDeadlineSeconds replicas revisionHistoryLimit
            apps.v1.DeploymentStatus collisionCount terminatingReplicas
            apps.v1.ReplicaSetSpec replicas
            apps.v1.ReplicaSetStatus terminatingReplicas
            apps.v1.RollingUpdateStatefulSetStrategy partition
            apps.v1.StatefulSetOrdinals start
            apps.v1.StatefulSetSpec replicas revisionHistoryLimit serviceName
            apps.v1.StatefulSetStatus availableReplicas collisionCount
            authentication.v1.TokenRequestSpec expirationSeconds
            autoscaling.v1.HorizontalPodAutoscalerSpec minReplicas targetCPUUtilizationPercentage
            autoscaling.v1.HorizontalPodAutoscalerStatus currentCPUUtilizationPercentage observedGeneration
            autoscaling.v1.ScaleSpec replicas
            autoscaling.v2.HPAScalingRules selectPolicy stabilizationWindowSeconds
            autoscaling.v2.HorizontalPodAutoscalerSpec minReplicas
            autoscaling.v2.HorizontalPodAutoscalerStatus observedGeneration
            autoscaling.v2.MetricTarget averageUtilization
            autoscaling.v2.MetricValueStatus averageUtilization
            batch.v1.CronJobSpec failedJobsHistoryLimit startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone
            batch.v1.JobSpec activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions managedBy
              manualSelector maxFailedIndexes parallelism podReplacementPolicy suspend ttlSecondsAfterFinished
            batch.v1.JobStatus failedIndexes ready terminating
            batch.v1.PodFailurePolicyOnExitCodesRequirement containerName
            batch.v1.PodFailurePolicyOnPodConditionsPattern status
            batch.v1.SuccessPolicyRule succeededCount succeededIndexes
            certificates.v1.CertificateSigningRequestSpec expirationSeconds
            coordination.v1.LeaseSpec holderIdentity leaseDurationSeconds leaseTransitions preferredHolder strategy
            core.v1.AppArmorProfile localhostProfile
            core.v1.AzureDiskVolumeSource cachingMode fsType readOnly
            core.v1.AzureFilePersistentVolumeSource secretNamespace
            core.v1.CSIVolumeSource fsType readOnly
            core.v1.ClientIPConfig timeoutSeconds
            core.v1.ClusterTrustBundleProjection name optional signerName
            core.v1.ConfigMap immutable
            core.v1.ConfigMapEnvSource optional
            core.v1.ConfigMapKeySelector optional
            core.v1.ConfigMapProjection optional
            core.v1.ConfigMapVolumeSource defaultMode optional
            core.v1.Container restartPolicy
            core.v1.ContainerStatus started stopSignal
            core.v1.DownwardAPIVolumeFile mode
            core.v1.DownwardAPIVolumeSource defaultMode
            core.v1.EndpointAddress nodeName
            core.v1.EndpointPort appProtocol
            core.v1.EphemeralContainer restartPolicy
            core.v1.Event reportingComponent reportingInstance
            core.v1.FCVolumeSource lun
            core.v1.GRPCAction service
            core.v1.GlusterfsPersistentVolumeSource endpointsNamespace
            core.v1.HostPathVolumeSource type
            core.v1.ISCSIPersistentVolumeSource initiatorName
            core.v1.ISCSIVolumeSource initiatorName
            core.v1.KeyToPath mode
            core.v1.Lifecycle stopSignal
            core.v1.LoadBalancerIngress ipMode
            core.v1.LocalVolumeSource fsType
            core.v1.NodeFeatures supplementalGroupsPolicy
            core.v1.NodeRuntimeHandler name
            core.v1.NodeRuntimeHandlerFeatures recursiveReadOnlyMounts userNamespaces
            core.v1.NodeSwapStatus capacity
            core.v1.PersistentVolumeClaimSpec storageClassName volumeAttributesClassName volumeMode
            core.v1.PersistentVolumeClaimStatus currentVolumeAttributesClassName
            core.v1.PersistentVolumeSpec volumeAttributesClassName volumeMode
            core.v1.PodDNSConfigOption value
            core.v1.PodLogOptions limitBytes sinceSeconds stream tailLines
            core.v1.PodResourceClaim resourceClaimName resourceClaimTemplateName
            core.v1.PodResourceClaimStatus resourceClaimName
            core.v1.PodSecurityContext fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy
              supplementalGroupsPolicy
            core.v1.PodSpec activeDeadlineSeconds automountServiceAccountToken enableServiceLinks hostUsers preemptionPolicy
              priority runtimeClassName setHostnameAsFQDN shareProcessNamespace terminationGracePeriodSeconds
            core.v1.PortStatus error
            core.v1.Probe terminationGracePeriodSeconds
            core.v1.ProjectedVolumeSource defaultMode
            core.v1.ReplicationControllerSpec replicas
            core.v1.SeccompProfile localhostProfile
            core.v1.Secret immutable
            core.v1.SecretEnvSource optional
            core.v1.SecretKeySelector optional
            core.v1.SecretProjection optional
            core.v1.SecretVolumeSource defaultMode optional
            core.v1.SecurityContext allowPrivilegeEscalation privileged procMount readOnlyRootFilesystem runAsGroup runAsNonRoot
              runAsUser
            core.v1.ServiceAccount automountServiceAccountToken
            core.v1.ServiceAccountTokenProjection expirationSeconds
            core.v1.ServicePort appProtocol
            core.v1.ServiceSpec allocateLoadBalancerNodePorts internalTrafficPolicy ipFamilyPolicy loadBalancerClass
              trafficDistribution
            core.v1.Toleration tolerationSeconds
            core.v1.TopologySpreadConstraint minDomains nodeAffinityPolicy nodeTaintsPolicy
            core.v1.TypedLocalObjectReference apiGroup
            core.v1.TypedObjectReference apiGroup namespace
            core.v1.VolumeMount mountPropagation recursiveReadOnly
            core.v1.VolumeMountStatus recursiveReadOnly
            core.v1.WindowsSecurityContextOptions gmsaCredentialSpec gmsaCredentialSpecName hostProcess runAsUserName
            discovery.v1.Endpoint hostname nodeName zone
            discovery.v1.EndpointConditions ready serving terminating
            discovery.v1.EndpointPort appProtocol name port protocol
            extensions.v1beta1.HTTPIngressPath pathType
            extensions.v1beta1.IngressPortStatus error
            extensions.v1beta1.IngressSpec ingressClassName
            flowcontrol.v1.ExemptPriorityLevelConfiguration lendablePercent nominalConcurrencyShares
            flowcontrol.v1.LimitedPriorityLevelConfiguration borrowingLimitPercent lendablePercent nominalConcurrencyShares
            meta.v1.APIResource name namespaced singularName
            meta.v1.DeleteOptions gracePeriodSeconds ignoreStoreReadErrorWithClusterBreakingPotential orphanDependents
              propagationPolicy
            meta.v1.ListMeta remainingItemCount
            meta.v1.ListOptions sendInitialEvents timeoutSeconds
            meta.v1.ObjectMeta deletionGracePeriodSeconds
            meta.v1.OwnerReference blockOwnerDeletion controller
            meta.v1.PatchOptions force
            meta.v1.Preconditions resourceVersion uid
            networking.v1.HTTPIngressPath pathType
            networking.v1.IngressClassParametersReference apiGroup namespace scope
            networking.v1.IngressPortStatus error
            networking.v1.IngressSpec ingressClassName
            networking.v1.NetworkPolicyPort endPort protocol
            policy.v1.PodDisruptionBudgetSpec unhealthyPodEvictionPolicy
            resource.v1.AllocatedDeviceStatus shareID
            resource.v1.Device allNodes allowMultipleAllocations bindsToNode nodeName
            resource.v1.DeviceAttribute bool int string version
            resource.v1.DeviceClassSpec extendedResourceName
            resource.v1.DeviceConstraint distinctAttribute matchAttribute
            resource.v1.DeviceRequestAllocationResult adminAccess shareID
            resource.v1.DeviceToleration tolerationSeconds
            resource.v1.ExactDeviceRequest adminAccess
            resource.v1.ResourceSliceSpec allNodes nodeName perDeviceNodeSelection
            scheduling.v1.PriorityClass preemptionPolicy value
            storage.v1.CSIDriverSpec attachRequired fsGroupPolicy nodeAllocatableUpdatePeriodSeconds podInfoOnMount
              preventPodSchedulingIfMissing requiresRepublish seLinuxMount serviceAccountTokenInSecrets storageCapacity
            storage.v1.StorageClass allowVolumeExpansion reclaimPolicy volumeBindingMode
            storage.v1.TokenRequest expirationSeconds
            storage.v1.VolumeAttachmentSource persistentVolumeName
            storage.v1.VolumeError errorCode
            storage.v1.VolumeNodeResources count
            """;

    private static final Set<String> FIELDS = parse();

    private ZeroValues() {}

    private static Set<String> parse() {
        var fields = new HashSet<String>();
        for (var line : TABLE.replace("\n  ", " ").split("\n")) {
            var words = line.strip().split(" +");
            for (int i = 1; i < words.length; i++) {
                fields.add(words[0] + "/" + words[i]);
            }
        }
        return fields;
    }

    static boolean mean(String definition, String field) {
        var parts = definition.split("\\.");
        var n = parts.length;
        return FIELDS.contains(parts[n - 3] + "." + parts[n - 2] + "." + parts[n - 1] + "/" + field);
    }
}
