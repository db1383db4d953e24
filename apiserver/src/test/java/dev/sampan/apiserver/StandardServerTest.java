package dev.sampan.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sampan.schema.codec.Json;
import dev.sampan.store.MemoryStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as it is shipped: with its own security and bootstrap objects. */
final class StandardServerTest {

    @TempDir
    private Path pki;

    @Test
    void comesUpWithNamespacesAndRoles() {
        try (var store = new MemoryStore();
                var api = new ApiServer(ApiServerConfig.defaults(pki), store)) {
            assertThat(names(api, UserInfo.of("kubernetes-admin", UserInfo.MASTERS), "/api/v1/namespaces"))
                    .contains("default", "kube-system", "kube-public", "kube-node-lease");
            var roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
            assertThat(names(api, UserInfo.of("kubernetes-admin", UserInfo.MASTERS), roles))
                    .contains("cluster-admin", "edit", "view");
            var refused = api.handle(ApiRequest.of(UserInfo.of("somebody"), "GET", roles));
            assertThat(refused.status()).isEqualTo(403);
        }
    }

    private static String names(ApiServer api, UserInfo user, String path) {
        var answer = (ApiResponse.Complete) api.handle(ApiRequest.of(user, "GET", path));
        return Json.read(answer.body())
                .tree()
                .path("items")
                .findValuesAsString("name")
                .toString();
    }
}
