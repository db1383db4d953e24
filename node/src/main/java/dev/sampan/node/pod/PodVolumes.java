package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ProjectedVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes a pod's volumes: host folders that containers mount. Called by the pod's worker alone. */
final class PodVolumes {

    private static final long DEFAULT_TOKEN_SECONDS = 3600;

    private final ObjectLookup lookup;
    private final Path folder;

    /** @param folder {@code <pods>/<uid>/volumes} */
    PodVolumes(ObjectLookup lookup, Path folder) {
        this.lookup = lookup;
        this.folder = folder;
    }

    /**
     * Makes or refreshes every volume.
     *
     * @return host folder by volume name
     * @throws ConfigException when something that a volume needs is not there (yet)
     */
    Map<String, Path> prepare(Pod pod, PodFields fields) throws ConfigException, IOException {
        var paths = new LinkedHashMap<String, Path>();
        for (var volume : pod.getSpec().getVolumes()) {
            try {
                paths.put(volume.getName(), prepare(pod, volume, fields));
            } catch (ConfigException e) {
                throw new ConfigException(
                        "MountVolume.SetUp failed for volume \"" + volume.getName() + "\" : " + e.getMessage());
            }
        }
        return paths;
    }

    private Path prepare(Pod pod, Volume volume, PodFields fields) throws ConfigException, IOException {
        var namespace = pod.getMetadata().getNamespace();
        var own = folder.resolve(volume.getName());
        if (volume.getEmptyDir() != null) {
            return Files.createDirectories(own);
        }
        if (volume.getHostPath() != null) {
            return hostPath(volume);
        }
        if (volume.getPersistentVolumeClaim() != null) {
            return claim(namespace, volume.getPersistentVolumeClaim().getClaimName());
        }
        var files = new TreeMap<String, byte[]>();
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            addConfigMap(files, namespace, source.getName(), source.getItems(), source.getOptional());
        } else if (volume.getSecret() != null) {
            var source = volume.getSecret();
            addSecret(files, namespace, source.getSecretName(), source.getItems(), source.getOptional());
        } else if (volume.getDownwardAPI() != null) {
            for (var item : volume.getDownwardAPI().getItems()) {
                files.put(item.getPath(), downward(pod, item.getFieldRef(), item.getResourceFieldRef(), fields));
            }
        } else if (volume.getProjected() != null) {
            addProjected(files, pod, volume.getProjected(), fields, own);
        } else {
            throw new ConfigException("volume \"" + volume.getName() + "\" has a type that this node cannot mount;"
                    + " use emptyDir, configMap, secret, downwardAPI, projected, hostPath or persistentVolumeClaim");
        }
        return ProjectedFiles.write(own, files);
    }

    private static Path hostPath(Volume volume) throws ConfigException, IOException {
        var source = volume.getHostPath();
        var path = Path.of(source.getPath());
        var type = source.getType() == null ? "" : source.getType();
        switch (type) {
            case "DirectoryOrCreate" -> Files.createDirectories(path);
            case "FileOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createFile(path);
                }
            }
            case "Directory" -> require(Files.isDirectory(path), path, "is not a directory");
            case "File" -> require(Files.isRegularFile(path), path, "is not a file");
            default -> {}
        }
        require(Files.exists(path), path, "does not exist");
        return path;
    }

    private static void require(boolean holds, Path path, String problem) throws ConfigException {
        if (!holds) {
            throw new ConfigException("hostPath type check failed: " + path + " " + problem);
        }
    }

    private Path claim(String namespace, String name) throws ConfigException, IOException {
        var claim = lookup.claim(namespace, name);
        if (claim == null) {
            throw new ConfigException("persistentvolumeclaim \"" + name + "\" not found");
        }
        var volumeName = claim.getSpec().getVolumeName();
        var volume = volumeName == null ? null : lookup.volume(volumeName);
        if (volume == null) {
            throw new ConfigException("persistentvolumeclaim \"" + name + "\" is not bound to a volume yet");
        }
        var spec = volume.getSpec();
        var path = spec.getHostPath() != null
                ? spec.getHostPath().getPath()
                : spec.getLocal() != null ? spec.getLocal().getPath() : null;
        if (path == null) {
            throw new ConfigException("persistentvolume \"" + volumeName + "\" is neither hostPath nor local");
        }
        return Files.createDirectories(Path.of(path));
    }

    private void addConfigMap(
            Map<String, byte[]> files, String namespace, String name, List<KeyToPath> items, @Nullable Boolean optional)
            throws ConfigException {
        var map = lookup.configMap(namespace, name);
        if (map == null) {
            requireOptional(optional, "configmap \"" + name + "\" not found");
            return;
        }
        var content = new TreeMap<String, byte[]>();
        if (map.getData() != null) {
            map.getData().forEach((key, value) -> content.put(key, value.getBytes(StandardCharsets.UTF_8)));
        }
        if (map.getBinaryData() != null) {
            map.getBinaryData()
                    .forEach(
                            (key, value) -> content.put(key, Base64.getDecoder().decode(value)));
        }
        select(files, content, items, optional, "configmap " + name);
    }

    private void addSecret(
            Map<String, byte[]> files, String namespace, String name, List<KeyToPath> items, @Nullable Boolean optional)
            throws ConfigException {
        var secret = lookup.secret(namespace, name);
        if (secret == null) {
            requireOptional(optional, "secret \"" + name + "\" not found");
            return;
        }
        var content = new TreeMap<String, byte[]>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach(
                            (key, value) -> content.put(key, Base64.getDecoder().decode(value)));
        }
        select(files, content, items, optional, "secret " + name);
    }

    private static void requireOptional(@Nullable Boolean optional, String message) throws ConfigException {
        if (!Boolean.TRUE.equals(optional)) {
            throw new ConfigException(message);
        }
    }

    private static void select(
            Map<String, byte[]> files,
            Map<String, byte[]> content,
            @Nullable List<KeyToPath> items,
            @Nullable Boolean optional,
            String source)
            throws ConfigException {
        if (items == null || items.isEmpty()) {
            files.putAll(content);
            return;
        }
        for (var item : items) {
            var value = content.get(item.getKey());
            if (value != null) {
                files.put(item.getPath(), value);
            } else {
                requireOptional(optional, "references non-existent key \"" + item.getKey() + "\" of " + source);
            }
        }
    }

    private void addProjected(
            Map<String, byte[]> files, Pod pod, ProjectedVolumeSource source, PodFields fields, Path own)
            throws ConfigException, IOException {
        for (var projection : source.getSources()) {
            add(files, pod, projection, fields, own);
        }
    }

    private void add(Map<String, byte[]> files, Pod pod, VolumeProjection projection, PodFields fields, Path own)
            throws ConfigException, IOException {
        var namespace = pod.getMetadata().getNamespace();
        if (projection.getConfigMap() != null) {
            var source = projection.getConfigMap();
            addConfigMap(files, namespace, source.getName(), source.getItems(), source.getOptional());
        }
        if (projection.getSecret() != null) {
            var source = projection.getSecret();
            addSecret(files, namespace, source.getName(), source.getItems(), source.getOptional());
        }
        if (projection.getDownwardAPI() != null) {
            for (var item : projection.getDownwardAPI().getItems()) {
                files.put(item.getPath(), downward(pod, item.getFieldRef(), item.getResourceFieldRef(), fields));
            }
        }
        if (projection.getServiceAccountToken() != null) {
            var source = projection.getServiceAccountToken();
            long seconds =
                    source.getExpirationSeconds() == null ? DEFAULT_TOKEN_SECONDS : source.getExpirationSeconds();
            files.put(source.getPath(), token(pod, source.getAudience(), seconds, own.resolve(source.getPath())));
        }
    }

    /** A token that is kept until four fifths of its life are over. */
    private byte[] token(Pod pod, @Nullable String audience, long seconds, Path current) throws IOException {
        if (Files.exists(current)) {
            var age = System.currentTimeMillis()
                    - Files.getLastModifiedTime(current).toMillis();
            if (age < seconds * 800) {
                return Files.readAllBytes(current);
            }
        }
        var metadata = pod.getMetadata();
        var account = pod.getSpec().getServiceAccountName() == null
                ? "default"
                : pod.getSpec().getServiceAccountName();
        return lookup.token(
                        metadata.getNamespace(),
                        account,
                        metadata.getName(),
                        metadata.getUid(),
                        audience == null || audience.isEmpty() ? List.of() : List.of(audience),
                        seconds)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] downward(
            Pod pod,
            io.fabric8.kubernetes.api.model.@Nullable ObjectFieldSelector field,
            io.fabric8.kubernetes.api.model.@Nullable ResourceFieldSelector resource,
            PodFields fields)
            throws ConfigException {
        if (field != null) {
            return fields.field(field.getFieldPath()).getBytes(StandardCharsets.UTF_8);
        }
        if (resource == null) {
            throw new ConfigException("a downwardAPI item names neither fieldRef nor resourceFieldRef");
        }
        for (var container : pod.getSpec().getContainers()) {
            if (container.getName().equals(resource.getContainerName())) {
                return fields.resource(container, resource).getBytes(StandardCharsets.UTF_8);
            }
        }
        throw new ConfigException("resourceFieldRef: container \"" + resource.getContainerName() + "\" not found");
    }

    /** Whether some volume's content comes from the API and may change while the pod runs. */
    static boolean mayChange(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .anyMatch(v -> v.getConfigMap() != null
                        || v.getSecret() != null
                        || v.getProjected() != null
                        || v.getDownwardAPI() != null);
    }
}
