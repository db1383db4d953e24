package dev.sampan.models.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class ClusterSpecTest {
    @Test
    void ranksFollowChiefThenWorkers() {
        var spec = Objects.requireNonNull(ClusterSpec.parse("""
                {"cluster":{"worker":["a:1","b:1"],"chief":["c:1"],"ps":["p:1"]},"task":{"type":"worker","index":1}}"""));
        assertThat(spec.trainers()).containsExactly("c:1", "a:1", "b:1");
        assertThat(spec.rank()).isEqualTo(2);
        assertThat(spec.trains()).isTrue();
    }

    @Test
    void noClusterMeansAlone() {
        assertThat(ClusterSpec.parse(null)).isNull();
        assertThat(ClusterSpec.parse(" ")).isNull();
        assertThat(ClusterSpec.parse("{\"task\":{\"type\":\"worker\",\"index\":0}}"))
                .isNull();
    }

    @Test
    void whatCannotBeUsedIsSaid() {
        assertThatThrownBy(() -> ClusterSpec.parse("{")).hasMessageContaining("TF_CONFIG is not JSON");
        assertThatThrownBy(() -> ClusterSpec.parse("{\"cluster\":{\"worker\":[\"a:1\"]},\"task\":{\"type\":\"ps\"}}"))
                .hasMessageContaining("which its cluster does not have");
        assertThatThrownBy(() -> ClusterSpec.parse(
                        "{\"cluster\":{\"worker\":[\"a\"]},\"task\":{\"type\":\"worker\",\"index\":0}}"))
                .hasMessageContaining("list of host:port");
        assertThatThrownBy(() -> ClusterSpec.parse(
                        "{\"cluster\":{\"worker\":{\"1\":\"a:1\"}},\"task\":{\"type\":\"worker\",\"index\":1}}"))
                .hasMessageContaining("enableDynamicWorker");
    }
}
