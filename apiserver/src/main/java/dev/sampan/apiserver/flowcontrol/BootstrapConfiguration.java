package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.Objects;
import dev.sampan.apiserver.kinds.Meta;
import dev.sampan.schema.codec.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.node.ObjectNode;

/** The FlowSchemas and PriorityLevelConfigurations that Kubernetes creates by itself. */
public final class BootstrapConfiguration {

    private BootstrapConfiguration() {}

    /** Creates what is missing, from {@code bootstrap.yaml} beside this class. */
    public static void create(Objects objects) {
        try (var in = BootstrapConfiguration.class.getResourceAsStream("bootstrap.yaml");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            if (in == null) {
                throw new IllegalStateException("bootstrap.yaml is not in the program");
            }
            var writes = new ArrayList<Future<?>>();
            for (var item : Yaml.read(in.readAllBytes()).tree().path("items")) {
                writes.add(threads.submit(() -> create(objects, (ObjectNode) item)));
            }
            for (var write : writes) {
                write.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The bootstrap flow schemas could not be written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the bootstrap flow schemas were written", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void create(Objects objects, ObjectNode item) {
        boolean schema = Meta.text(item, "kind").equals("FlowSchema");
        var resource = schema ? FlowControl.SCHEMAS : FlowControl.LEVELS;
        if (objects.get(resource, "", Meta.name(item)) != null) {
            return;
        }
        item.withObject("/metadata").putObject("annotations").put("apf.kubernetes.io/autoupdate-spec", "true");
        try {
            objects.create(resource, item);
        } catch (ApiException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
    }
}
