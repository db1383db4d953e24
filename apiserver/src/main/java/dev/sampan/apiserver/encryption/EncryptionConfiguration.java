package dev.sampan.apiserver.encryption;

import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.codec.DecodeException;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/**
 * Which resources are sealed with what: an {@code EncryptionConfiguration} of {@code apiserver.config.k8s.io/v1} with the
 * providers {@code aesgcm} and {@code identity}. The first entry that names a resource holds; its first provider seals, every
 * one of them opens.
 */
public final class EncryptionConfiguration {

    private static final String ROOT = "/registry/";

    private record Entry(List<String> resources, List<Provider> providers) {}

    private final List<Entry> entries = new ArrayList<>();

    private EncryptionConfiguration() {}

    /** @throws IllegalArgumentException when the file is no such configuration, saying where it is wrong */
    public static EncryptionConfiguration read(Path file) {
        try {
            var tree = Yaml.read(Files.readAllBytes(file)).tree();
            if (!Meta.text(tree, "kind").equals("EncryptionConfiguration")
                    || !Meta.text(tree, "apiVersion").equals("apiserver.config.k8s.io/v1")) {
                throw wrong(file, "expected kind EncryptionConfiguration of apiserver.config.k8s.io/v1");
            }
            var result = new EncryptionConfiguration();
            var random = new SecureRandom();
            for (var entry : tree.path("resources")) {
                var names = new ArrayList<String>();
                entry.path("resources").forEach(n -> names.add(n.stringValue("")));
                var providers = new ArrayList<Provider>();
                for (var provider : entry.path("providers")) {
                    providers.addAll(providers(file, provider, random));
                }
                if (names.isEmpty() || providers.isEmpty()) {
                    throw wrong(file, "every entry needs resources and providers");
                }
                result.entries.add(new Entry(names, providers));
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The encryption configuration " + file + " cannot be read: " + e.getMessage(), e);
        } catch (DecodeException e) {
            throw wrong(file, String.valueOf(e.getMessage()));
        }
    }

    private static List<Provider> providers(Path file, JsonNode provider, SecureRandom random) {
        if (provider.has("identity")) {
            return List.of(new Provider.Identity());
        }
        if (!provider.has("aesgcm")) {
            throw wrong(file, "the provider " + provider.propertyNames() + " is not known; known are aesgcm, identity");
        }
        var keys = new ArrayList<Provider>();
        for (var key : provider.path("aesgcm").path("keys")) {
            keys.add(new Provider.AesGcm(Meta.text(key, "name"), secret(file, key), random));
        }
        if (keys.isEmpty()) {
            throw wrong(file, "aesgcm needs at least one key");
        }
        return keys;
    }

    private static SecretKeySpec secret(Path file, JsonNode key) {
        try {
            var bytes = Base64.getDecoder().decode(Meta.text(key, "secret"));
            if (bytes.length != 16 && bytes.length != 24 && bytes.length != 32) {
                throw wrong(
                        file,
                        "key \"%s\" has %d bytes, AES takes 16, 24 or 32"
                                .formatted(Meta.text(key, "name"), bytes.length));
            }
            return new SecretKeySpec(bytes, "AES");
        } catch (IllegalArgumentException e) {
            throw wrong(file, "the secret of key \"%s\": %s".formatted(Meta.text(key, "name"), e.getMessage()));
        }
    }

    private static IllegalArgumentException wrong(Path file, String why) {
        return new IllegalArgumentException(file + ": " + why);
    }

    /** The providers for a key of the store; empty for what is not named. */
    List<Provider> providers(String key) {
        if (!key.startsWith(ROOT)) {
            return List.of();
        }
        int group = key.indexOf('/', ROOT.length());
        int resource = group < 0 ? -1 : key.indexOf('/', group + 1);
        if (resource < 0) {
            return List.of();
        }
        return providers(key.substring(ROOT.length(), group), key.substring(group + 1, resource));
    }

    private List<Provider> providers(String group, String resource) {
        boolean core = group.equals("core");
        var name = core ? resource : resource + "." + group;
        for (var entry : entries) {
            for (var wanted : entry.resources()) {
                if (wanted.equals(name) || wanted.equals("*.*") || wanted.equals(core ? "*." : "*." + group)) {
                    return entry.providers();
                }
            }
        }
        return List.of();
    }
}
