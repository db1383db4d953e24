package dev.sampan.app.cli;

import dev.sampan.app.cluster.ApiServerFlags;
import dev.sampan.app.cluster.Home;
import dev.sampan.store.StoreException;
import dev.sampan.store.StoreSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "snapshot",
        description = {
            "Save all objects of a cluster in one file, and make a cluster of it again.",
            "Volumes, images and certificates are not in it."
        },
        footer = {"", "Example:  sampan snapshot save objects.db", "          sampan snapshot status objects.db"},
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            SnapshotCommand.SaveCommand.class,
            SnapshotCommand.StatusCommand.class,
            SnapshotCommand.RestoreCommand.class
        })
final class SnapshotCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** @throws UserError when this cluster's objects are elsewhere */
    private static void refuseEtcd(Home home, String instead) throws IOException {
        if (ApiServerFlags.remembered(home).values().containsKey("--etcd-servers")) {
            throw new UserError("The objects of this cluster are in etcd. Use: " + instead);
        }
    }

    @Command(
            name = "save",
            description = "Save the objects as they are now; the cluster may run.",
            footer = {"", "Example:  sampan snapshot save objects.db"},
            mixinStandardHelpOptions = true)
    static final class SaveCommand implements Callable<Integer> {

        @Mixin
        private HomeOption home = new HomeOption();

        @Parameters(paramLabel = "FILE", description = "Where to; a file that is there is replaced.")
        private Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            var folder = home.home();
            refuseEtcd(folder, "etcdctl snapshot save " + file);
            try {
                var status = StoreSnapshot.save(folder.state(), file.toAbsolutePath());
                System.out.printf("Snapshot saved at %s (revision %d)%n", file, status.revision());
                return 0;
            } catch (StoreException e) {
                throw new UserError(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "status",
            description = "Check a snapshot and tell what it holds.",
            footer = {"", "Example:  sampan snapshot status objects.db -w json"},
            mixinStandardHelpOptions = true)
    static final class StatusCommand implements Callable<Integer> {

        /** As etcdutl's {@code --write-out}. */
        enum Form {
            SIMPLE("%s, %d, %d, %d%n"),
            TABLE("%-10s %-12s %-12s %s%n".formatted("HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE")
                    + "%-10s %-12d %-12d %d%n"),
            JSON("{\"hash\":\"%s\",\"revision\":%d,\"totalKey\":%d,\"totalSize\":%d}%n");

            private final String text;

            Form(String text) {
                this.text = text;
            }
        }

        @Option(
                names = {"-w", "--write-out"},
                paramLabel = "simple|table|json",
                description = "How to print it (default: ${DEFAULT-VALUE}).")
        private Form form = Form.TABLE;

        @Parameters(paramLabel = "FILE", description = "The snapshot.")
        private Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            try {
                var status = StoreSnapshot.status(file);
                System.out.printf(form.text, status.hash(), status.revision(), status.totalKeys(), status.totalSize());
                return 0;
            } catch (StoreException e) {
                throw new UserError(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "restore",
            description = "Make the objects of a snapshot those of a cluster that has none yet.",
            footer = {
                "",
                "Example:  sampan snapshot restore objects.db --home /srv/sampan --bump-revision 1000000",
                "          sampan up --home /srv/sampan"
            },
            mixinStandardHelpOptions = true)
    static final class RestoreCommand implements Callable<Integer> {

        @Mixin
        private HomeOption home = new HomeOption();

        @Option(
                names = "--bump-revision",
                paramLabel = "N",
                description = "Go on N revisions later, and forget the history: for clients that have seen what was"
                        + " written after the snapshot (default: ${DEFAULT-VALUE}).")
        private long bump;

        @Parameters(paramLabel = "FILE", description = "The snapshot.")
        private Path file = Path.of("");

        @Override
        public Integer call() throws Exception {
            if (bump < 0) {
                throw new UserError("--bump-revision " + bump + ": it is a number, 0 or greater", 2);
            }
            var folder = home.home();
            refuseEtcd(folder, "etcdutl snapshot restore");
            folder.create();
            try {
                StoreSnapshot.restore(file, folder.state(), bump);
            } catch (StoreException e) {
                throw new UserError(e.getMessage() + hint(folder));
            }
            System.out.printf("Restored into %s. Start it with: sampan up --home %s%n", folder.root(), folder.root());
            return 0;
        }

        private static String hint(Home folder) {
            return Files.exists(folder.running()) ? " A cluster runs there: 'sampan down' stops it." : "";
        }
    }
}
