package dev.sampan.apiserver;

import dev.sampan.apiserver.authn.Authentication;
import dev.sampan.apiserver.authz.Authorization;
import dev.sampan.apiserver.pki.PkiDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Kubernetes' own security: certificates and ServiceAccount tokens, the node authorizer and RBAC, admission. */
final class StandardSecurity implements Security.Factory {

    private final ApiServerConfig config;

    StandardSecurity(ApiServerConfig config) {
        this.config = config;
    }

    @Override
    public Map<GroupKind, KindRules> rules() {
        var anyName = new KindRules() {
            @Override
            public NameRule nameRule() {
                return NameRule.PATH_SEGMENT;
            }

            @Override
            public boolean allowsCreateOnUpdate() {
                return true;
            }
        };
        return List.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding").stream()
                .collect(Collectors.toMap(k -> new GroupKind("rbac.authorization.k8s.io", k), k -> anyName));
    }

    @Override
    public Security create(Objects objects) {
        var pki = new PkiDirectory(config.pkiDirectory(), config.clock());
        var authentication = new Authentication(pki.serviceAccountKey(), objects, config.clock(), Map.of());
        var authorization = new Authorization(objects);
        var handlers = new ArrayList<>(authentication.handlers());
        handlers.addAll(authorization.handlers());
        return new Security(
                authentication,
                authorization,
                authorization.admission(),
                handlers,
                List.of(() -> bootstrap(authorization)),
                List.of(authorization));
    }

    private static void bootstrap(Authorization authorization) {
        try {
            authorization.bootstrap();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the bootstrap roles were made", e);
        }
    }
}
