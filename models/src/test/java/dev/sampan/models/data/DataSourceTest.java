package dev.sampan.models.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourceTest {
    @TempDir
    Path folder;

    @Test
    void digitsAreSplitByClassAndNoRowIsOnBothSides() {
        var all = Digits.load();
        assertThat(all.rows()).isEqualTo(1797);
        assertThat(all.row(0)).startsWith(0, 0, 5, 13, 9, 1, 0, 0);
        var split = DataSource.open(DataOptions.of("digits"));
        assertThat(split.training().rows() + split.heldOut().rows()).isEqualTo(1797);
        for (int digit = 0; digit < 10; digit++) {
            int label = digit;
            long held = Arrays.stream(split.heldOut().labels())
                    .filter(l -> l == label)
                    .count();
            assertThat(held).isBetween(34L, 37L);
        }
        var training = new HashSet<List<Float>>();
        for (int i = 0; i < split.training().rows(); i++) {
            training.add(boxed(split.training().row(i)));
        }
        for (int i = 0; i < split.heldOut().rows(); i++) {
            assertThat(training).doesNotContain(boxed(split.heldOut().row(i)));
        }
        assertThat(DataSource.open(DataOptions.of("digits")).heldOut().features())
                .isEqualTo(split.heldOut().features());
    }

    @Test
    void csvWithHeaderQuotesAndNamedLabel() throws IOException {
        var file = Files.writeString(folder.resolve("iris.csv"), """
                length,"wid,th",species
                5.1,3.5,setosa
                4.9,3.0,setosa
                6.3,3.3,"virgi""nica"
                5.8,2.7,"virgi""nica"
                """);
        var split = DataSource.open(DataOptions.of(file.toString()));
        assertThat(split.training().classes()).containsExactly("setosa", "virgi\"nica");
        assertThat(split.training().width()).isEqualTo(2);
        assertThat(split.heldOut().rows()).isEqualTo(2);
        assertThat(split.training().scaling()).isSameAs(split.heldOut().scaling());

        var byName = new DataOptions(file.toString(), 0.5, 1, "nothing", DataOptions.DEFAULT_IMAGES);
        assertThatThrownBy(() -> DataSource.open(byName)).hasMessageContaining("no column named 'nothing'");
    }

    @Test
    void badCsvNamesLineAndReason() throws IOException {
        assertThatThrownBy(() -> csv("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> csv("1,2,a\n1,b\n"))
                .hasMessageContaining("line 2: 2 cells where the first line has 3");
        assertThatThrownBy(() -> csv("1,2,a\n1,x,b\n")).hasMessageContaining("line 2, value 2: 'x' is not a number");
        assertThatThrownBy(() -> csv("1,2,a\n1,NaN,b\n")).hasMessageContaining("not a finite number");
    }

    @Test
    void imageFolder() throws IOException {
        for (int i = 0; i < 5; i++) {
            image("dark", i, new Color(10, 10, 10));
            image("light", i, new Color(240, 240, 240));
        }
        Files.writeString(folder.resolve("dark/notes.txt"), "not an image");
        var options = new DataOptions(folder.toString(), 0.2, 1, null, new DataOptions.ImageFormat(4, 3, 1));
        var split = DataSource.open(options);
        assertThat(split.training().sampleShape()).containsExactly(3, 4);
        assertThat(split.training().classes()).containsExactly("dark", "light");
        assertThat(split.training().rows()).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            float expected = split.training().labels()[i] == 0 ? 10 : 240;
            assertThat(split.training().row(i)[0]).isCloseTo(expected, within(0.5f));
        }
        Files.writeString(folder.resolve("dark/broken.png"), "no image");
        assertThatThrownBy(() -> DataSource.open(options)).hasMessageContaining("broken.png");
    }

    @Test
    void idxFiles() throws IOException {
        idx("train-images-idx3-ubyte", new int[] {2, 1, 2}, 1, 2, 250, 4);
        idx("train-labels-idx1-ubyte", new int[] {2}, 0, 1);
        idx("t10k-images-idx3-ubyte", new int[] {1, 1, 2}, 9, 9);
        idx("t10k-labels-idx1-ubyte", new int[] {1}, 1);
        var split = DataSource.open(DataOptions.of(folder.toString()));
        assertThat(split.training().row(1)).containsExactly(250, 4);
        assertThat(split.heldOut().labels()).containsExactly(1);

        idx("t10k-images-idx3-ubyte", new int[] {1, 1, 2}, 9);
        assertThatThrownBy(() -> DataSource.open(DataOptions.of(folder.toString())))
                .hasMessageContaining("cut off after 1 of 2 bytes");
        idx("t10k-images-idx3-ubyte", new int[] {1, -5, 2}, 9);
        assertThatThrownBy(() -> DataSource.open(DataOptions.of(folder.toString())))
                .hasMessageContaining("impossible size -5");
    }

    private void idx(String name, int[] sizes, int... values) throws IOException {
        var buffer = ByteBuffer.allocate(4 + 4 * sizes.length + values.length);
        buffer.putInt(0x0800 | sizes.length);
        Arrays.stream(sizes).forEach(buffer::putInt);
        Arrays.stream(values).forEach(value -> buffer.put((byte) value));
        Files.write(folder.resolve(name), buffer.array());
    }

    private void image(String type, int number, Color color) throws IOException {
        var image = new BufferedImage(8, 9, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 8; x++) {
            for (int y = 0; y < 9; y++) {
                image.setRGB(x, y, color.getRGB());
            }
        }
        var file = Files.createDirectories(folder.resolve(type)).resolve(number + ".png");
        ImageIO.write(image, "png", file.toFile());
    }

    private void csv(String text) throws IOException {
        Csv.read(Files.writeString(folder.resolve("data.csv"), text), null);
    }

    private static List<Float> boxed(float[] row) {
        var list = new java.util.ArrayList<Float>();
        for (float value : row) {
            list.add(value);
        }
        return list;
    }
}
