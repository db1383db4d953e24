package dev.sampan.apiserver.linearizability;

import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.ApiServerConfig;
import dev.sampan.store.SqliteStore;
import java.nio.file.Path;

/** An API server over a folder, in a process that can be killed: {@code FOLDER PORT}. */
public final class ServerMain {

    private ServerMain() {}

    @SuppressWarnings({"PMD.CloseResource", "MustBeClosed"}) // it is killed
    public static void main(String[] arguments) {
        var folder = Path.of(arguments[0]);
        var store = SqliteStore.open(folder.resolve("state"), SqliteStore.Options.defaults());
        var config = ApiServerConfig.defaults(folder.resolve("pki")).withPort(Integer.parseInt(arguments[1]));
        new ApiServer(config, store).start();
        System.out.println("ready");
    }
}
