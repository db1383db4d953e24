package dev.sampan.node.server;

import dev.sampan.node.logs.LogOptions;
import java.nio.file.NoSuchFileException;
import java.time.DateTimeException;
import java.time.Instant;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** The plain HTTP part of the node's API. Blocks its virtual thread. */
final class NodeHandler extends Handler.Abstract {

    private static final int NOT_FOUND = 404;
    private static final int BAD_REQUEST = 400;

    private final PodAccess pods;

    NodeHandler(PodAccess pods) {
        this.pods = pods;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        var names = Request.getPathInContext(request).split("/", -1);
        switch (names[1]) {
            case "healthz" -> text(response, callback, 200, "ok");
            case "stats" -> stats(names, response, callback);
            case "containerLogs" -> logs(names, request, response, callback);
            default -> text(response, callback, NOT_FOUND, "404 page not found");
        }
        return true;
    }

    private void stats(String[] names, Response response, Callback callback) {
        if (names.length == 3 && names[2].equals("summary")) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            text(response, callback, 200, pods.statsSummary());
        } else {
            text(response, callback, NOT_FOUND, "404 page not found");
        }
    }

    private void logs(String[] names, Request request, Response response, Callback callback) throws Exception {
        if (names.length != 5) {
            text(response, callback, BAD_REQUEST, "expected /containerLogs/NAMESPACE/POD/CONTAINER");
            return;
        }
        var query = Request.extractQueryParameters(request);
        var place = new PodAccess.Place(names[2], names[3], names[4]);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
        var out = Content.Sink.asOutputStream(response);
        try {
            pods.log(place, NodeServer.flag(query, "previous"), options(query), out);
            out.close();
            callback.succeeded();
        } catch (PodAccess.NotHere | NoSuchFileException e) {
            if (!response.isCommitted()) {
                text(response, callback, NOT_FOUND, String.valueOf(e.getMessage()));
            } else {
                callback.failed(e);
            }
        } catch (PodAccess.NoLog | IllegalArgumentException | DateTimeException e) {
            text(response, callback, BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private static LogOptions options(Fields query) {
        return new LogOptions(
                NodeServer.flag(query, "follow"),
                (int) number(query, "tailLines"),
                since(query),
                number(query, "limitBytes"),
                NodeServer.flag(query, "timestamps"),
                LogOptions.Stream.ALL);
    }

    private static long number(Fields query, String name) {
        var value = query.getValue(name);
        return value == null || value.isEmpty() ? -1 : Long.parseLong(value);
    }

    private static @Nullable Instant since(Fields query) {
        var time = query.getValue("sinceTime");
        if (time != null && !time.isEmpty()) {
            return Instant.parse(time);
        }
        long seconds = number(query, "sinceSeconds");
        return seconds < 0 ? null : Instant.now().minusSeconds(seconds);
    }

    static void text(Response response, Callback callback, int status, String text) {
        response.setStatus(status);
        Content.Sink.write(response, true, text, callback);
    }
}
