package dev.sampan.serving.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A model somewhere else. Used by one thread. */
interface RemoteModel {

    /**
     * What is there now.
     *
     * @throws IOException if that cannot be told; the message says why
     */
    List<RemoteVersion> list() throws IOException;

    /**
     * Fetches a version into an empty folder.
     *
     * @throws IOException if it cannot be fetched whole, or is not what its checksum says; the message says why
     */
    void fetch(RemoteVersion version, Path folder) throws IOException;
}
