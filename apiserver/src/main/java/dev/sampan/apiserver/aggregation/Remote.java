package dev.sampan.apiserver.aggregation;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.apiserver.pki.Credential;
import dev.sampan.apiserver.pki.KeyStores;
import dev.sampan.apiserver.proxy.Upstream;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A group version that another server answers. Immutable.
 *
 * @param tls null when the APIService's certificates cannot be used
 * @param available whether its last check was passed
 * @param resources its APIResourceList; null before the first check
 */
record Remote(
        String name,
        String group,
        String version,
        int groupPriority,
        int versionPriority,
        String namespace,
        String service,
        int port,
        boolean verified,
        @Nullable SSLSocketFactory tls,
        boolean available,
        @Nullable JsonNode resources) {

    /** Null for an APIService without a Service: this server answers it. */
    static @Nullable Remote of(ObjectNode apiService, Credential self, @Nullable Remote before) {
        var spec = apiService.path("spec");
        var service = spec.path("service");
        if (!service.isObject()) {
            return null;
        }
        boolean verified = !spec.path("insecureSkipTLSVerify").booleanValue(false);
        return new Remote(
                Meta.name(apiService),
                Meta.text(spec, "group"),
                Meta.text(spec, "version"),
                spec.path("groupPriorityMinimum").intValue(0),
                spec.path("versionPriority").intValue(0),
                Meta.text(service, "namespace"),
                Meta.text(service, "name"),
                service.path("port").intValue(443),
                verified,
                tls(self, Meta.text(spec, "caBundle"), verified),
                before != null && before.available(),
                before == null ? null : before.resources());
    }

    private static @Nullable SSLSocketFactory tls(Credential self, String bundle, boolean verified) {
        try {
            return KeyStores.client(self, Base64.getDecoder().decode(bundle), verified);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return null;
        }
    }

    Remote checked(boolean nowAvailable, @Nullable JsonNode nowResources) {
        return new Remote(
                name,
                group,
                version,
                groupPriority,
                versionPriority,
                namespace,
                service,
                port,
                verified,
                tls,
                nowAvailable,
                nowResources == null ? resources : nowResources);
    }

    String groupVersion() {
        return group + "/" + version;
    }

    String path() {
        return "/apis/" + groupVersion();
    }

    /** @throws ApiException when the Service leads nowhere */
    Upstream upstream(Objects objects) {
        if (tls == null) {
            throw ApiException.unavailable("the caBundle of APIService " + name + " is no use");
        }
        return Upstream.ofService(objects, namespace, service, port, tls, verified);
    }
}
