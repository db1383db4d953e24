package dev.sampan.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container's environment, in Kubernetes' order: the image's, the services', {@code envFrom}, {@code env} with {@code $(NAME)} expanded.
 */
final class ContainerEnvironment {

    private final ObjectLookup lookup;

    ContainerEnvironment(ObjectLookup lookup) {
        this.lookup = lookup;
    }

    /**
     * @param base the image's variables and those of the pod (services, HOSTNAME, POD_IP)
     * @throws ConfigException when a required ConfigMap, Secret or key is missing
     */
    Map<String, String> resolve(Pod pod, Container container, Map<String, String> base, PodFields fields)
            throws ConfigException {
        var environment = new LinkedHashMap<>(base);
        var namespace = pod.getMetadata().getNamespace();
        for (var source : container.getEnvFrom()) {
            addAll(environment, namespace, source);
        }
        for (var variable : container.getEnv()) {
            var value = value(namespace, variable, container, fields, environment);
            if (value != null) {
                environment.put(variable.getName(), value);
            }
        }
        return environment;
    }

    private void addAll(Map<String, String> environment, String namespace, EnvFromSource source)
            throws ConfigException {
        var prefix = source.getPrefix() == null ? "" : source.getPrefix();
        if (source.getConfigMapRef() != null) {
            var reference = source.getConfigMapRef();
            var map = lookup.configMap(namespace, reference.getName());
            if (map == null) {
                requireOptional(reference.getOptional(), "configmap", reference.getName());
            } else if (map.getData() != null) {
                map.getData().forEach((key, value) -> environment.put(prefix + key, value));
            }
        }
        if (source.getSecretRef() != null) {
            var reference = source.getSecretRef();
            var secret = lookup.secret(namespace, reference.getName());
            if (secret == null) {
                requireOptional(reference.getOptional(), "secret", reference.getName());
            } else if (secret.getData() != null) {
                secret.getData().forEach((key, value) -> environment.put(prefix + key, decode(value)));
            }
        }
    }

    private static void requireOptional(@Nullable Boolean optional, String kind, String name) throws ConfigException {
        if (!Boolean.TRUE.equals(optional)) {
            throw new ConfigException(kind + " \"" + name + "\" not found");
        }
    }

    private @Nullable String value(
            String namespace, EnvVar variable, Container container, PodFields fields, Map<String, String> sofar)
            throws ConfigException {
        if (variable.getValueFrom() == null) {
            return Expansion.expand(variable.getValue() == null ? "" : variable.getValue(), sofar);
        }
        return fromSource(namespace, variable.getValueFrom(), container, fields);
    }

    private @Nullable String fromSource(String namespace, EnvVarSource source, Container container, PodFields fields)
            throws ConfigException {
        if (source.getFieldRef() != null) {
            return fields.field(source.getFieldRef().getFieldPath());
        }
        if (source.getResourceFieldRef() != null) {
            return fields.resource(container, source.getResourceFieldRef());
        }
        if (source.getConfigMapKeyRef() != null) {
            var reference = source.getConfigMapKeyRef();
            var map = lookup.configMap(namespace, reference.getName());
            var value =
                    map == null || map.getData() == null ? null : map.getData().get(reference.getKey());
            return required(
                    value, reference.getOptional(), "ConfigMap", namespace, reference.getName(), reference.getKey());
        }
        if (source.getSecretKeyRef() != null) {
            var reference = source.getSecretKeyRef();
            var secret = lookup.secret(namespace, reference.getName());
            var value = secret == null || secret.getData() == null
                    ? null
                    : secret.getData().get(reference.getKey());
            var decoded = value == null ? null : decode(value);
            return required(
                    decoded, reference.getOptional(), "Secret", namespace, reference.getName(), reference.getKey());
        }
        throw new ConfigException("env.valueFrom names no source that this node knows");
    }

    private static @Nullable String required(
            @Nullable String value, @Nullable Boolean optional, String kind, String namespace, String name, String key)
            throws ConfigException {
        if (value == null && !Boolean.TRUE.equals(optional)) {
            throw new ConfigException("couldn't find key " + key + " in " + kind + " " + namespace + "/" + name);
        }
        return value;
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
