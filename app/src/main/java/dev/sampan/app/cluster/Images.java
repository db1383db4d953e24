package dev.sampan.app.cluster;

import dev.sampan.node.image.HostPrograms;
import dev.sampan.node.image.ImageLayout;
import dev.sampan.node.image.ImageStore;
import java.util.Objects;

/**
 * The images of a home: the running cluster and the commands that build images see the same ones.
 *
 * @param layout those that were built or loaded
 * @param store these, this project's own and the host's programs
 */
public record Images(ImageLayout layout, ImageStore store) {

    /** Opens what lies in {@code home}; nothing is written until an image is built. */
    public static Images of(Home home, JavaLauncher launcher) {
        var layout = new ImageLayout(home.images());
        var host = new HostPrograms(Objects.requireNonNullElse(System.getenv("PATH"), ""));
        return new Images(layout, new ImageStore(layout, BuiltinImages.all(launcher), host));
    }
}
