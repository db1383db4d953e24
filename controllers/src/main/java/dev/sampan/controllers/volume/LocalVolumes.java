package dev.sampan.controllers.volume;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Volumes that are directories under one path of this machine. Owner of what is below that path. */
final class LocalVolumes {

    static final String PROVISIONER = "sampan.dev/local";

    private final Path root;

    LocalVolumes(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Makes the directory and describes it; the caller creates the object. */
    PersistentVolume provision(PersistentVolumeClaim claim, StorageClass storageClass) throws IOException {
        var metadata = claim.getMetadata();
        var name = "pvc-" + metadata.getUid();
        var directory = root.resolve(name + "_" + metadata.getNamespace() + "_" + metadata.getName());
        Files.createDirectories(directory);
        if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations(Binding.PROVISIONED_BY, PROVISIONER)
                .endMetadata()
                .withNewSpec()
                .withCapacity(claim.getSpec().getResources().getRequests())
                .withAccessModes(claim.getSpec().getAccessModes())
                .withVolumeMode("Filesystem")
                .withStorageClassName(storageClass.getMetadata().getName())
                .withPersistentVolumeReclaimPolicy(
                        Objects.requireNonNullElse(storageClass.getReclaimPolicy(), "Delete"))
                .withMountOptions(storageClass.getMountOptions())
                .withClaimRef(new ObjectReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("PersistentVolumeClaim")
                        .withNamespace(metadata.getNamespace())
                        .withName(metadata.getName())
                        .withUid(metadata.getUid())
                        .withResourceVersion(metadata.getResourceVersion())
                        .build())
                .withNewHostPath()
                .withPath(directory.toString())
                .withType("DirectoryOrCreate")
                .endHostPath()
                .endSpec()
                .build();
    }

    static boolean isOurs(PersistentVolume volume) {
        return PROVISIONER.equals(Binding.annotations(volume).get(Binding.PROVISIONED_BY));
    }

    /**
     * Deletes the volume's directory with all that is in it.
     *
     * @throws IOException also when the directory is not one of ours, which then stays untouched
     */
    void delete(PersistentVolume volume) throws IOException {
        var path = volume.getSpec().getHostPath() == null
                ? null
                : volume.getSpec().getHostPath().getPath();
        var directory = path == null ? null : Path.of(path).toAbsolutePath().normalize();
        if (directory == null || !root.equals(directory.getParent())) {
            throw new IOException("volume " + volume.getMetadata().getName() + " is not a directory in " + root);
        }
        if (Files.exists(directory)) {
            Files.walkFileTree(directory, new DeleteAll());
        }
    }

    private static final class DeleteAll extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
