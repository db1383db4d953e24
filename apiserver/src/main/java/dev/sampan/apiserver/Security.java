package dev.sampan.apiserver;

import dev.sampan.schema.codec.Protobuf;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who may do what, and what is checked and added on the way: the parts of an API server that are not generic.
 *
 * @param auditor writes requests down
 * @param gate bounds the requests that are worked on at once
 * @param aggregation leads to other API servers
 * @param plugins admission plugins in order
 * @param admission where they are timed
 * @param handlers subresources with their own behaviour and resources that are not stored
 * @param paths answer requests for paths that are not resources
 * @param onStart what is done before the first request: bootstrap objects
 * @param onListening told where the TLS port is once it is open
 * @param onClose what is closed with the server
 */
record Security(
        Authenticator authenticator,
        Authorizer authorizer,
        Auditor auditor,
        RequestGate gate,
        Aggregation aggregation,
        List<AdmissionPlugin> plugins,
        AdmissionMetrics admission,
        List<SubresourceHandler> handlers,
        List<PathHandler> paths,
        List<Runnable> onStart,
        Consumer<URI> onListening,
        List<AutoCloseable> onClose) {

    /** Makes the parts; kinds' rules come first because the objects are read through them. */
    interface Factory {
        Map<GroupKind, KindRules> rules();

        /** @param protobuf for reading bodies outside of the endpoints */
        Security create(Objects objects, Protobuf protobuf);
    }
}
