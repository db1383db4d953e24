package dev.sampan.node.image;

import dev.sampan.node.runtime.ImageFailure;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The images of a node: those built on it ({@code sampan image build}), then this project's own, then the host's
 * stand-ins. Immutable but for what lies in the layout on disk; any thread.
 */
public final class ImageStore {

    private final ImageLayout layout;
    private final List<BuiltinImage> builtin;
    private final HostPrograms host;

    public ImageStore(ImageLayout layout, List<BuiltinImage> builtin, HostPrograms host) {
        this.layout = layout;
        this.builtin = List.copyOf(builtin);
        this.host = host;
    }

    /** The image, when it can be run now. */
    public Optional<Image> find(String reference) {
        return ImageName.parse(reference).flatMap(this::find);
    }

    private Optional<Image> find(ImageName name) {
        var built = layout.find(name).map(this::onItsBase);
        if (built.isPresent()) {
            return built;
        }
        return installed(name);
    }

    /** An image that is a program of this project or of the host. */
    Optional<Image> installed(ImageName name) {
        return builtin.stream()
                .filter(b -> b.answersTo(name))
                .findFirst()
                .map(b -> image(b, name))
                .or(() -> host.find(name));
    }

    /**
     * The image, or why it cannot be had.
     *
     * @throws ImageFailure with a message that says what to do
     */
    public Image resolve(String reference) throws ImageFailure {
        var name = ImageName.parse(reference)
                .orElseThrow(() -> new ImageFailure(
                        "InvalidImageName",
                        "Failed to apply default image tag \"" + reference + "\": couldn't parse image name \""
                                + reference + "\": invalid reference format"));
        var found = find(name);
        if (found.isEmpty()) {
            throw new ImageFailure("ErrImagePull", explain(name));
        }
        return found.get();
    }

    /** Why there is no such image, and what to do. */
    String explain(ImageName name) {
        var missing = host.missing(name);
        if (missing.isPresent()) {
            return "image \"" + name.familiar() + "\" stands for the host's program \"" + missing.get()
                    + "\", which is not installed; install it, or build an image of that name with"
                    + " `sampan image build -t " + name.familiar() + " …`";
        }
        return "image \"" + name.familiar()
                + "\" is not in the local image store, and the process runtime does not pull"
                + " from registries; build it with `sampan image build -t " + name.familiar()
                + " …` or use one of: " + String.join(", ", known());
    }

    private List<String> known() {
        var names = new ArrayList<String>();
        builtin.forEach(b -> names.add(b.names().getFirst()));
        layout.all().forEach(i -> names.addAll(i.image().names()));
        names.addAll(List.of("busybox", "python"));
        return names;
    }

    /** Built images and built-in ones, for the node's status. */
    public List<Image> all() {
        return Stream.concat(built().stream(), builtin().stream()).toList();
    }

    /** Images that were built or loaded. */
    public List<Image> built() {
        return layout.all().stream().map(this::onItsBase).toList();
    }

    /** Images that are programs of this project; any tag of their names will do. */
    public List<Image> builtin() {
        return builtin.stream()
                .flatMap(b -> ImageName.parse(b.names().getFirst()).stream().map(name -> image(b, name)))
                .toList();
    }

    private Image image(BuiltinImage builtinImage, ImageName asked) {
        var names = new ArrayList<>(builtinImage.names());
        if (!names.contains(asked.familiar())) {
            names.addFirst(asked.familiar());
        }
        var digest = HexFormat.of().formatHex(Digests.sha256(builtinImage.toString()));
        var programs = layout.directory().resolve("programs").resolve(digest);
        return new Image(
                "sha256:" + digest,
                names,
                builtinImage.entrypoint(),
                builtinImage.command(),
                builtinImage.env(),
                "/",
                "",
                builtinImage.ports(),
                builtinImage.programs().isEmpty()
                        ? List.of()
                        : List.of(ProgramScripts.in(programs, builtinImage.programs())),
                builtinImage.hostPaths(),
                0);
    }

    /** A built image that names an installed one as its base takes from it what it does not say itself. */
    private Image onItsBase(ImageLayout.Stored stored) {
        var own = stored.image();
        var found = stored.base().flatMap(ImageName::parse).flatMap(this::installed);
        if (found.isEmpty()) {
            return own;
        }
        var base = found.get();
        var env = new LinkedHashMap<>(base.env());
        env.putAll(own.env());
        var ports = new LinkedHashSet<>(base.ports());
        ports.addAll(own.ports());
        boolean runsBase = own.entrypoint().isEmpty();
        return new Image(
                own.id(),
                own.names(),
                runsBase ? base.entrypoint() : own.entrypoint(),
                runsBase && own.command().isEmpty() ? base.command() : own.command(),
                env,
                own.workingDir(),
                own.user(),
                List.copyOf(ports),
                Stream.concat(own.roots().stream(), base.roots().stream()).toList(),
                base.hostPaths(),
                own.sizeBytes());
    }
}
