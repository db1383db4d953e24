package dev.sampan.node.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageBuilderTest {

    @TempDir
    Path folder;

    private Path context;
    private ImageLayout layout;
    private ImageStore store;

    @BeforeEach
    void context() throws IOException {
        context = Files.createDirectories(folder.resolve("context"));
        layout = new ImageLayout(folder.resolve("images"));
        store = store(layout);
        write("app.py", "print('hello')");
        write("models/1/model.onnx", "onnx");
        write("models/1/signature.json", "{}");
    }

    private static ImageStore store(ImageLayout layout) {
        var server = new BuiltinImage(
                List.of("sampan/model-server", "tensorflow/serving"),
                List.of("/bin/server", "serve"),
                List.of("--verbose"),
                Map.of("MODEL_NAME", "model", "MODEL_BASE_PATH", "/models"),
                List.of("8501/tcp"),
                Map.of("/usr/bin/tensorflow_model_server", List.of("/bin/server", "it's")));
        return new ImageStore(layout, List.of(server), new HostPrograms(""));
    }

    private void write(String name, String text) throws IOException {
        var file = context.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private ImageBuilder.Built build(String name, String text) throws Exception {
        return build(name, text, Map.of());
    }

    private ImageBuilder.Built build(String name, String text, Map<String, String> arguments) throws Exception {
        var request = new BuildRequest(ImageName.parse(name).orElseThrow(), context, "Dockerfile", text, arguments);
        return new ImageBuilder(layout, store).build(request);
    }

    private Image found(String name) {
        return store.find(name).orElseThrow();
    }

    private static String content(Image image, String path) throws IOException {
        for (var root : image.roots()) {
            if (Files.exists(root.resolve(path))) {
                return Files.readString(root.resolve(path));
            }
        }
        throw new AssertionError("no " + path + " in " + image.roots());
    }

    @Test
    void packagesAModelWithTheModelServer() throws Exception {
        build("registry.example.com/image-classifier:v1", """
                FROM tensorflow/serving
                COPY models /models/digits
                ENV MODEL_NAME=digits
                EXPOSE 8080
                CMD ["--rest_api_port=8080"]
                """);

        var image = found("registry.example.com/image-classifier:v1");

        assertThat(image.entrypoint()).containsExactly("/bin/server", "serve");
        assertThat(image.command()).containsExactly("--rest_api_port=8080");
        assertThat(image.env()).containsEntry("MODEL_NAME", "digits").containsEntry("MODEL_BASE_PATH", "/models");
        assertThat(image.ports()).containsExactlyInAnyOrder("8501/tcp", "8080/tcp");
        assertThat(content(image, "models/digits/1/model.onnx")).isEqualTo("onnx");
        assertThat(content(image, "usr/bin/tensorflow_model_server"))
                .isEqualTo("#!/bin/sh\nexec '/bin/server' 'it'\\''s' \"$@\"\n");
    }

    @Test
    void inheritsTheBasesCommandUntilAnEntrypointIsSet() throws Exception {
        build("same", "FROM sampan/model-server");
        build("other", "FROM sampan/model-server\nENTRYPOINT [\"/bin/true\"]");

        assertThat(found("same").command()).containsExactly("--verbose");
        assertThat(found("other").command()).isEmpty();
        assertThat(found("other").entrypoint()).containsExactly("/bin/true");
    }

    @Test
    void givesTheSameDigestForTheSameInput() throws Exception {
        var text = "FROM scratch\nCOPY . /app\nCMD [\"/app/app.py\"]";
        var first = build("a:1", text);
        Files.setLastModifiedTime(context.resolve("app.py"), FileTime.from(Instant.EPOCH));
        Files.setLastModifiedTime(context.resolve("models"), FileTime.from(Instant.EPOCH));
        var second = build("b:1", text);
        write("app.py", "print('changed')");
        var third = build("c:1", text);

        assertThat(second.digest()).isEqualTo(first.digest());
        assertThat(third.digest()).isNotEqualTo(first.digest());
    }

    @Test
    void readsTheFormatsPeopleUse() throws Exception {
        build("app:2", """
                # syntax=docker/dockerfile:1
                ARG BASE=scratch
                FROM ${BASE} AS final
                ARG VERSION=1
                LABEL org.example.version="$VERSION" \\
                      # a comment between
                      org.example.quoted='$VERSION'
                ENV HOME_DIR=/srv/app GREETING="hello world" OLD=${MISSING:-none}
                ENV LEGACY the rest of the line
                WORKDIR $HOME_DIR
                workdir sub
                COPY --chmod=755 app.py .
                COPY ["models/1/*.json", "models/1/model.onnx", "data/"]
                USER 1000:1000
                EXPOSE 8080 9000-9001/udp
                CMD python app.py
                """, Map.of("VERSION", "7"));

        var image = found("app:2");

        assertThat(image.workingDir()).isEqualTo("/srv/app/sub");
        assertThat(image.user()).isEqualTo("1000:1000");
        assertThat(image.env())
                .containsEntry("GREETING", "hello world")
                .containsEntry("OLD", "none")
                .containsEntry("LEGACY", "the rest of the line");
        assertThat(image.command()).containsExactly("/bin/sh", "-c", "python app.py");
        assertThat(image.ports()).containsExactlyInAnyOrder("8080/tcp", "9000/udp", "9001/udp");
        assertThat(image.roots().getLast().resolve("srv/app/sub/app.py")).isExecutable();
        assertThat(content(image, "srv/app/sub/data/signature.json")).isEqualTo("{}");
        assertThat(content(image, "srv/app/sub/data/model.onnx")).isEqualTo("onnx");
    }

    @Test
    void stacksOnAnImageBuiltBefore() throws Exception {
        build("base", "FROM sampan/model-server\nCOPY app.py /opt/\nENV A=1");
        write("app.py", "print('new')");
        build("top", "FROM base\nCOPY app.py /opt\nENV B=${A}2");

        var image = found("top");

        assertThat(content(image, "opt/app.py")).isEqualTo("print('new')");
        assertThat(image.env()).containsEntry("B", "12").containsEntry("MODEL_NAME", "model");
        assertThat(image.entrypoint()).containsExactly("/bin/server", "serve");
    }

    @Test
    void leavesOutWhatIsIgnored() throws Exception {
        write(".dockerignore", "# comment\n*.py\n!keep.py\nmodels/**/signature.json\nsecret/\n");
        write("keep.py", "kept");
        write("secret/key.pem", "secret");
        build("app", "FROM scratch\nCOPY . /app/");

        var root = found("app").roots().getFirst().resolve("app");

        assertThat(root.resolve("app.py")).doesNotExist();
        assertThat(root.resolve("keep.py")).exists();
        assertThat(root.resolve("secret")).doesNotExist();
        assertThat(root.resolve("models/1/model.onnx")).exists();
        assertThat(root.resolve("models/1/signature.json")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FROM scratch;RUN apt-get install x  | Dockerfile:2: RUN is not supported
            FROM scratch;COPY missing /x        | Dockerfile:2: "missing" is not in the build context
            FROM scratch;COPY ../x /x           | Dockerfile:2: "../x" lies outside the build context
            FROM scratch;COPY *.jar /x/         | Dockerfile:2: nothing in the build context
            FROM scratch;COPY app.py            | Dockerfile:2: COPY needs a source and a destination
            FROM scratch;COPY --from=b /a /b    | Dockerfile:2: COPY --from is not supported
            FROM scratch;COPY app.py models /x  | Dockerfile:2: with several sources
            FROM scratch;ADD https://a.b/c /x   | Dockerfile:2: ADD of https://a.b/c
            FROM scratch;EXPOSE http            | Dockerfile:2: EXPOSE takes ports
            FROM scratch;EXPOSE 70000           | Dockerfile:2: EXPOSE takes ports
            FROM scratch;ENV A="open            | Dockerfile:2: a " is not closed
            FROM scratch;ENTRPOINT ["x"]        | Dockerfile:2: unknown instruction ENTRPOINT
            FROM scratch;FROM scratch           | Dockerfile:2: only one FROM is supported
            FROM Not/Valid                      | Dockerfile:1: "Not/Valid" is not a valid image name
            FROM example.com/nowhere:1          | Dockerfile:1: FROM example.com/nowhere:1: image "example.com/nowhere:1" is not in the local image store
            COPY a b                            | Dockerfile:1: a build file begins with FROM
            # nothing                           | Dockerfile has no FROM
            """)
    void saysWhereAMistakeIs(String text, String message) {
        assertThatThrownBy(() -> build("x", text.replace(';', '\n')))
                .isInstanceOf(BuildException.class)
                .hasMessageStartingWith(message);
        assertThat(layout.all()).isEmpty();
    }

    @Test
    void doesNotFollowLinksOutOfTheContext() throws Exception {
        Files.createSymbolicLink(context.resolve("link"), Path.of("/etc/hostname"));

        assertThatThrownBy(() -> build("x", "FROM scratch\nCOPY link /x"))
                .isInstanceOf(BuildException.class)
                .hasMessageContaining("outside the build context");
    }

    @Test
    void warnsOfWhatHasNoEffect() throws Exception {
        var built = build("x", "FROM scratch\nHEALTHCHECK CMD true\n", Map.of("UNUSED", "1"));

        assertThat(built.warnings())
                .anyMatch(w -> w.startsWith("Dockerfile:2: HEALTHCHECK"))
                .anyMatch(w -> w.contains("--build-arg UNUSED"));
    }

    @Test
    void savesAndLoads() throws Exception {
        var built = build("example.com/app:v1", "FROM sampan/model-server\nCOPY app.py /app.py");
        var archive = new ByteArrayOutputStream();
        new ImageArchive(layout).save(built.name(), archive);
        var elsewhere = new ImageLayout(folder.resolve("elsewhere"));

        var loaded =
                new ImageArchive(elsewhere).load(new ByteArrayInputStream(archive.toByteArray()), Optional.empty());

        assertThat(loaded).containsExactly(built.name());
        var image = store(elsewhere).find("example.com/app:v1").orElseThrow();
        assertThat(image.id()).isEqualTo(built.id());
        assertThat(content(image, "app.py")).isEqualTo("print('hello')");
        assertThatThrownBy(() ->
                        new ImageArchive(elsewhere).load(new ByteArrayInputStream(new byte[1024]), Optional.empty()))
                .isInstanceOf(BuildException.class)
                .hasMessageContaining("no image archive");
    }

    @Test
    void prunesWhatNothingNeeds() throws Exception {
        var first = build("a", "FROM scratch\nCOPY app.py /app.py");
        var second = build("b", "FROM scratch\nCOPY models /models");
        var name = ImageName.parse("a").orElseThrow();
        assertThat(found("a").roots().getFirst()).isDirectory();
        var unpacked = found("a").roots().getFirst();

        assertThat(layout.untag(name)).isTrue();
        assertThat(layout.untag(name)).isFalse();
        assertThat(layout.prune(Set.of(first.id()))).isZero();
        assertThat(unpacked).isDirectory();
        assertThat(layout.prune(Set.of())).isPositive();
        assertThat(unpacked).doesNotExist();
        assertThat(found("b").id()).isEqualTo(second.id());
    }
}
