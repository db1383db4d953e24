package dev.sampan.apiserver.admission;

import dev.sampan.apiserver.AdmissionPlugin;
import dev.sampan.apiserver.AdmissionRequest;
import dev.sampan.apiserver.GroupResource;
import dev.sampan.apiserver.kinds.Meta;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Every pod runs as a ServiceAccount and finds its token, the cluster's CA and its namespace in a volume. */
final class ServiceAccount implements AdmissionPlugin {

    static final String MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    static final String ROOT_CA = "kube-root-ca.crt";

    private static final GroupResource ACCOUNTS = new GroupResource("", "serviceaccounts");
    private static final String VOLUME_PREFIX = "kube-api-access-";
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    /** A little more than an hour, so that it is known from tokens that were asked for by hand. */
    private static final int TOKEN_SECONDS = 3607;

    private static final int FILE_MODE = 0644;

    private final RandomGenerator random;

    ServiceAccount(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public void mutate(AdmissionRequest request) {
        var pod = request.object();
        if (pod == null || !request.createsPod()) {
            return;
        }
        if (Meta.annotations(pod).containsKey("kubernetes.io/config.mirror")
                || !(pod.path("spec") instanceof ObjectNode spec)) {
            return;
        }
        var name = Meta.text(spec, "serviceAccountName");
        if (name.isEmpty()) {
            name = "default";
            spec.put("serviceAccountName", name).put("serviceAccount", name);
        }
        var account = request.context().objects().get(ACCOUNTS, request.namespace(), name);
        if (account == null) {
            throw Refusal.of(
                    request,
                    "error looking up service account %s/%s: serviceaccount \"%s\" not found"
                            .formatted(request.namespace(), name, name));
        }
        if (mountsToken(spec, account)) {
            mountToken(spec);
        }
        if (spec.path("imagePullSecrets").isEmpty()
                && !account.path("imagePullSecrets").isEmpty()) {
            spec.set("imagePullSecrets", account.path("imagePullSecrets").deepCopy());
        }
    }

    private static boolean mountsToken(ObjectNode spec, ObjectNode account) {
        var field = "automountServiceAccountToken";
        return spec.path(field).booleanValue(account.path(field).booleanValue(true));
    }

    private void mountToken(ObjectNode spec) {
        var volume = volumeName(spec);
        var mounted = false;
        for (var list : new String[] {"initContainers", "containers"}) {
            for (var c : spec.path(list)) {
                if (c instanceof ObjectNode container && !hasMount(container)) {
                    container
                            .withArray("volumeMounts")
                            .addObject()
                            .put("name", volume)
                            .put("readOnly", true)
                            .put("mountPath", MOUNT_PATH);
                    mounted = true;
                }
            }
        }
        if (mounted && !hasVolume(spec, volume)) {
            addVolume(spec, volume);
        }
    }

    private static boolean hasMount(ObjectNode container) {
        for (var mount : container.path("volumeMounts")) {
            if (Meta.text(mount, "mountPath").equals(MOUNT_PATH)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasVolume(ObjectNode spec, String name) {
        for (var volume : spec.path("volumes")) {
            if (Meta.text(volume, "name").equals(name)) {
                return true;
            }
        }
        return false;
    }

    private String volumeName(ObjectNode spec) {
        for (var volume : spec.path("volumes")) {
            if (Meta.text(volume, "name").startsWith(VOLUME_PREFIX)) {
                return Meta.text(volume, "name");
            }
        }
        var suffix = new StringBuilder(VOLUME_PREFIX);
        for (int i = 0; i < 5; i++) {
            suffix.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return suffix.toString();
    }

    private static void addVolume(ObjectNode spec, String name) {
        var projected = spec.withArray("volumes").addObject().put("name", name).putObject("projected");
        projected.put("defaultMode", FILE_MODE);
        var sources = projected.putArray("sources");
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", TOKEN_SECONDS)
                .put("path", "token");
        var configMap = sources.addObject().putObject("configMap");
        configMap.put("name", ROOT_CA);
        configMap.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        var item =
                sources.addObject().putObject("downwardAPI").putArray("items").addObject();
        item.put("path", "namespace");
        item.putObject("fieldRef").put("apiVersion", "v1").put("fieldPath", "metadata.namespace");
    }
}
