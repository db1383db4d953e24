package dev.sampan.node.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The image table: well-known image names for which the host's own programs do. An image is only offered when the
 * program that people expect of it is installed.
 */
public final class HostPrograms {

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * A row of the table.
     *
     * @param repositories names without tag
     * @param program what must be installed
     * @param command default command
     */
    private record Row(List<String> repositories, String program, List<String> command) {}

    private static final List<Row> TABLE = List.of(
            new Row(List.of("docker.io/library/busybox"), "sh", List.of("sh")),
            new Row(List.of("docker.io/library/alpine"), "sh", List.of("/bin/sh")),
            new Row(List.of("docker.io/library/debian", "docker.io/library/ubuntu"), "bash", List.of("bash")),
            new Row(List.of("docker.io/library/bash"), "bash", List.of("bash")),
            new Row(List.of("docker.io/library/python"), "python3", List.of("python3")),
            new Row(
                    List.of("docker.io/library/eclipse-temurin", "docker.io/library/openjdk"),
                    "java",
                    List.of("jshell")),
            new Row(List.of("docker.io/library/nginx"), "nginx", List.of("nginx", "-g", "daemon off;")),
            new Row(List.of("registry.k8s.io/pause"), "sleep", List.of("sleep", "2147483647")));

    private final List<Path> searched;

    /** @param path directories to search for programs, colon-separated; the standard ones are always searched */
    public HostPrograms(String path) {
        searched = java.util.stream.Stream.of((path + ":" + PATH).split(":"))
                .filter(p -> p.startsWith("/"))
                .map(Path::of)
                .distinct()
                .toList();
    }

    /** The host's stand-in for the image, if there is one and its program is installed. */
    Optional<Image> find(ImageName name) {
        return TABLE.stream()
                .filter(r -> r.repositories().contains(name.repository()))
                .findFirst()
                .flatMap(row -> program(row.program()).map(p -> image(name, row, p)));
    }

    /** Whether the name is in the table although its program is not installed; names the program. */
    Optional<String> missing(ImageName name) {
        return TABLE.stream()
                .filter(r -> r.repositories().contains(name.repository()))
                .map(Row::program)
                .filter(p -> program(p).isEmpty())
                .findFirst();
    }

    private Optional<Path> program(String name) {
        return searched.stream()
                .map(d -> d.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private Image image(ImageName name, Row row, Path program) {
        var directory = program.getParent();
        boolean standard = directory == null || PATH.contains(directory.toString());
        var path = standard ? PATH : directory + ":" + PATH;
        return new Image(
                "host:" + program,
                List.of(name.familiar()),
                List.of(),
                row.command(),
                Map.of("PATH", path),
                "/",
                "",
                List.of(),
                List.of(),
                List.of(),
                0);
    }
}
