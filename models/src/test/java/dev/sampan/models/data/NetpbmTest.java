package dev.sampan.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.models.data.DataOptions.ImageFormat;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NetpbmTest {

    private static final ImageFormat GREY = new ImageFormat(2, 2, 1);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsPlainAndRawMaps() {
        float[] expected = {0, 255, 128, 64};
        assertThat(ImageFolder.pixels("plain", bytes("P2 # grey\n2 2\n255\n0 255 128 64"), GREY))
                .containsExactly(expected);
        assertThat(ImageFolder.pixels("raw", bytes("P5\n2 2 255\n\u0000\u00ff\u0080\u0040"), GREY))
                .containsExactly(expected);
        assertThat(ImageFolder.pixels("colour", bytes("P3 1 1 15 15 0 0"), new ImageFormat(1, 1, 3)))
                .containsExactly(255, 0, 0);
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> ImageFolder.pixels("a.pgm", bytes("P5\n2 2 255\n\u0000"), GREY))
                .isInstanceOf(DataException.class)
                .hasMessage("a.pgm: cannot be read as an image: it ends too early");
        assertThatThrownBy(() -> ImageFolder.pixels("b.pgm", bytes("P2\n0 2 255\n"), GREY))
                .hasMessageContaining("its header is not valid: 0x2");
        assertThatThrownBy(() -> ImageFolder.pixels("c.png", bytes("no image"), GREY))
                .hasMessageContaining("not an image");
    }
}
