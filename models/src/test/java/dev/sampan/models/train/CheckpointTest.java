package dev.sampan.models.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sampan.models.data.Dataset;
import dev.sampan.models.data.Digits;
import dev.sampan.models.network.Network;
import dev.sampan.models.network.Optimizer;
import dev.sampan.models.parallel.GradientExchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {
    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path folder;

    private final Dataset rows = Digits.load().rows(IntStream.range(0, 300).toArray());

    @ParameterizedTest
    @EnumSource(Optimizer.Kind.class)
    void anInterruptedTrainingEndsAsAnUninterruptedOne(Optimizer.Kind optimizer) throws IOException {
        var options = new FitOptions(5, 32, optimizer, optimizer.usualRate(), 1);
        var straight = network();
        trainer(straight, options).run(folder.resolve("a"), "s", done -> {}, epoch -> {});

        assertThatThrownBy(() -> trainer(network(), options).run(folder, "s", done -> {}, epoch -> {
                    if (epoch.epoch() == 3) {
                        throw new Crash();
                    }
                }))
                .isInstanceOf(Crash.class);
        var resumed = network();
        var starts = new ArrayList<Integer>();
        trainer(resumed, options).run(folder, "s", starts::add, epoch -> {});

        assertThat(starts).isEqualTo(List.of(3));
        assertThat(resumed.parameters()).isEqualTo(straight.parameters());
    }

    @Test
    void aDamagedOrForeignCheckpointIsNotUsed() throws IOException {
        var checkpoint = new Checkpoint(folder, "batch size 32");
        checkpoint.write(new byte[100]);
        assertThat(checkpoint.read(100)).hasSize(100);
        assertThatThrownBy(() -> new Checkpoint(folder, "batch size 64").read(100))
                .hasMessageContaining("other settings (batch size 32)");

        var file = folder.resolve(Checkpoint.FILE);
        var bytes = Files.readAllBytes(file);
        bytes[40] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> checkpoint.read(100)).hasMessageContaining("damaged");
        Files.write(file, new byte[3]);
        assertThatThrownBy(() -> checkpoint.read(100)).hasMessageContaining("damaged");
    }

    private Network network() {
        return Network.random(new int[] {64, 16, 10}, rows.scaling(), 1);
    }

    private Trainer trainer(Network network, FitOptions options) {
        return new Trainer(network, rows, options, GradientExchange.alone());
    }
}
