package dev.sampan.app.cli;

import dev.sampan.app.cluster.AdminClient;
import dev.sampan.app.cluster.ApiServerFlags;
import dev.sampan.app.cluster.Home;
import dev.sampan.app.cluster.RunningServer;
import dev.sampan.store.FutureRevisionException;
import dev.sampan.store.SqliteStore;
import dev.sampan.store.Store;
import dev.sampan.store.StoreException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "compact",
        description = {
            "Forget the history of a cluster's objects and give its space on disk back.",
            "The cluster may run: writes wait for a moment, and clients that were away read everything again.",
            "Objects in etcd are compacted and defragmented there."
        },
        footer = {"", "Example:  sampan compact"},
        mixinStandardHelpOptions = true)
final class CompactCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Mixin
    private HomeOption home = new HomeOption();

    @Option(
            names = "--revision",
            paramLabel = "N",
            description = "Keep the history from this revision on (default: keep none).")
    private @Nullable Long revision;

    /** What was done; the API server's answer. */
    record Done(long compactedBefore, long compacted, long revision, long bytesBefore, long bytesAfter) {

        String text() {
            var forgotten = compacted == compactedBefore
                    ? "History before revision %d was forgotten already".formatted(compacted)
                    : "Forgot history from revision %d to %d".formatted(compactedBefore, compacted);
            return "%s (latest %d).%nOn disk: %s before, %s after."
                    .formatted(forgotten, revision, size(bytesBefore), size(bytesAfter));
        }

        private static String size(long bytes) {
            return bytes < 1 << 20 ? (bytes >> 10) + " KiB" : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
        }
    }

    @Override
    public Integer call() throws Exception {
        if (revision != null && revision < 1) {
            throw new UserError("--revision " + revision + ": it is a number, 1 or greater", 2);
        }
        var folder = home.home();
        var done = RunningServer.find(folder).isPresent() ? ask(folder) : open(folder);
        System.out.println(done.text());
        return 0;
    }

    private Done ask(Home folder) throws IOException {
        try (var client = AdminClient.open(folder, LIMIT)) {
            var path = "/maintenance/compact" + (revision == null ? "" : "?revision=" + revision);
            return JsonMapper.shared().readValue(client.raw(path, "POST", Map.of()), Done.class);
        } catch (KubernetesClientException e) {
            var status = e.getStatus();
            throw explained(status == null ? String.valueOf(e.getMessage()) : status.getMessage());
        }
    }

    /** Of a cluster that is stopped. */
    private Done open(Home folder) throws IOException {
        if (ApiServerFlags.remembered(folder).values().containsKey("--etcd-servers")) {
            throw new UserError(
                    "The objects of this cluster are in etcd, and it is stopped. Start it with 'sampan up', or"
                            + " use 'etcdctl compact' and 'etcdctl defrag'.");
        }
        if (!Files.isDirectory(folder.state())) {
            throw new UserError("There is no cluster in " + folder.root() + ". Name its folder with --home.");
        }
        try (var store = SqliteStore.open(folder.state(), SqliteStore.Options.defaults())) {
            return compact(store);
        } catch (FutureRevisionException e) {
            throw explained("revision: %d lies ahead: the latest is %d; name that or an earlier one"
                    .formatted(e.requested(), e.current()));
        } catch (StoreException e) {
            throw new UserError(String.valueOf(e.getMessage()));
        }
    }

    private Done compact(Store store) {
        long latest = store.snapshot().revision();
        long before = store.compactedRevision();
        store.compact(revision == null ? latest : revision);
        var size = store.shrink();
        return new Done(before, store.compactedRevision(), latest, size.before(), size.after());
    }

    private static UserError explained(String message) {
        return message.startsWith("revision: ")
                ? new UserError("--revision " + message.substring("revision: ".length()), 2)
                : new UserError(message);
    }
}
