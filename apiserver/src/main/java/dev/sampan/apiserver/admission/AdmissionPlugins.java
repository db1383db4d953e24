package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionMetrics;
import dev.sampan.apiserver.AdmissionPlugin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The standard plugins in Kubernetes' order, by Kubernetes' names. */
public final class AdmissionPlugins {

    private AdmissionPlugins() {}

    /**
     * @param quotas counts what quotas limit
     * @param extra further plugins, which come before quota: what they refuse must not be counted
     * @param dynamic plugins that go by objects, by name, in order; they come after the fixed ones
     * @param disabled names of plugins to leave out
     * @param metrics where they are timed
     * @throws IllegalArgumentException when {@code disabled} names a plugin that does not exist
     */
    public static List<AdmissionPlugin> standard(
            RandomGenerator random,
            QuotaRecount quotas,
            Collection<AdmissionPlugin> extra,
            Map<String, AdmissionPlugin> dynamic,
            Collection<String> disabled,
            AdmissionMetrics metrics) {
        Map<String, AdmissionPlugin> plugins = new LinkedHashMap<>();
        plugins.put("NamespaceLifecycle", new NamespaceLifecycle());
        plugins.put("LimitRanger", new LimitRanger());
        plugins.put("ServiceAccount", new ServiceAccount(random));
        plugins.put("PodSecurity", new PodSecurity());
        plugins.put("Priority", new Priority());
        plugins.put("DefaultTolerationSeconds", new DefaultTolerationSeconds());
        plugins.put("RuntimeClass", new RuntimeClass());
        plugins.put("StorageObjectInUseProtection", new StorageObjectInUseProtection());
        plugins.put("DefaultIngressClass", new DefaultIngressClass());
        plugins.put("DefaultStorageClass", new DefaultStorageClass());
        var quota = "ResourceQuota";
        for (var name : disabled) {
            if (dynamic.containsKey(name)) {
                continue;
            }
            if (plugins.remove(name) == null && !name.equals(quota)) {
                throw new IllegalArgumentException("there is no admission plugin \"" + name + "\"; known are "
                        + String.join(", ", plugins.keySet()) + ", " + quota);
            }
        }
        var result = new ArrayList<AdmissionPlugin>();
        plugins.forEach((name, plugin) -> result.add(metrics.measured(name, plugin)));
        extra.forEach(plugin -> result.add(metrics.measured(plugin.getClass().getSimpleName(), plugin)));
        dynamic.forEach((name, plugin) -> {
            if (!disabled.contains(name)) {
                result.add(metrics.measured(name, plugin));
            }
        });
        if (!disabled.contains(quota)) {
            result.add(metrics.measured(quota, new ResourceQuota(quotas)));
        }
        return result;
    }
}
