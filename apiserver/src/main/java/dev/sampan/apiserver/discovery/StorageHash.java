package dev.sampan.apiserver.discovery;

import dev.sampan.apiserver.registry.StorageType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** A short hash of the version that a resource is stored in: clients see when objects have to be migrated. */
final class StorageHash {

    private StorageHash() {}

    static String of(StorageType storage) {
        var gvk = storage.type().gvk();
        var text = gvk.group() + "/" + gvk.version() + "/" + gvk.kind();
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
