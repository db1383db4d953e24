package dev.sampan.schema.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.schema.BuiltinCatalog;
import dev.sampan.schema.GroupVersionKind;
import dev.sampan.schema.SampleObjects;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProtobufTest {

    private static final BuiltinCatalog CATALOG = BuiltinCatalog.load();
    private final Protobuf protobuf = new Protobuf(CATALOG);

    static Stream<GroupVersionKind> kinds() {
        return CATALOG.types().stream()
                .flatMap(t -> Stream.of(t.gvk(), t.gvk().list()))
                .filter(k -> CATALOG.schema(k).isPresent())
                .filter(k -> new Protobuf(CATALOG).supports(k.apiVersion(), k.kind()));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyFieldOfEveryKindSurvivesTheRoundTrip(GroupVersionKind kind) {
        var object = SampleObjects.populated(CATALOG, kind);

        var back = protobuf.read(protobuf.write(object));

        assertThat(back).isEqualTo(object);
    }

    @Test
    void apiServiceHasNoProtobufForm() {
        assertThat(protobuf.supports("apiregistration.k8s.io/v1", "APIService")).isFalse();
        assertThat(protobuf.supports("example.com/v1", "Thing")).isFalse();
    }

    @Test
    void readsWhatKubernetesWrites() {
        // meta/v1 DeleteOptions{gracePeriodSeconds: 0, propagationPolicy: Background} in its envelope.
        var bytes = HexFormat.of()
                .parseHex("6b3873000a130a027631120d44656c6574654f7074696f6e73120e080022"
                        + "0a4261636b67726f756e641a002200");

        assertThat(protobuf.read(bytes))
                .hasToString(
                        "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Background\"}");
    }

    @Test
    void refusesWhatIsNoEnvelope() {
        assertThatThrownBy(() -> protobuf.read(new byte[] {'{', '}'})).isInstanceOf(DecodeException.class);
        assertThatThrownBy(() -> protobuf.read(new byte[] {'k', '8', 's', 0, 0x12, 0x7f}))
                .isInstanceOf(DecodeException.class);
    }
}
