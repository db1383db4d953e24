package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The objects that a pod's specification may refer to. */
interface ObjectLookup {
    @Nullable
    ConfigMap configMap(String namespace, String name);

    @Nullable
    Secret secret(String namespace, String name);

    @Nullable
    PersistentVolumeClaim claim(String namespace, String name);

    @Nullable
    PersistentVolume volume(String name);

    List<Service> services(String namespace);

    /** A fresh token of a service account, bound to a pod. */
    String token(
            String namespace, String serviceAccount, String pod, String podUid, List<String> audiences, long seconds);
}
