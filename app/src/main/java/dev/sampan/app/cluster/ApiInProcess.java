package dev.sampan.app.cluster;

import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.ApiServer;
import dev.sampan.apiserver.UserInfo;
import dev.sampan.client.InProcessApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Lets a client of one user call the API server of this process without a socket. */
record ApiInProcess(ApiServer server, UserInfo user) implements InProcessApi {

    private static final int BAD_REQUEST = 400;

    @Override
    public Response handle(Request request) {
        var call = ApiRequest.of(user, request.method(), request.pathAndQuery(), request.headers(), request.body());
        return switch (server.handle(call)) {
            case ApiResponse.Complete(var status, var headers, var body) ->
                new Response.Complete(status, headers, body);
            case ApiResponse.Stream(var status, var headers, var body) ->
                new Response.Stream(status, headers, new StreamedBody(body));
            case ApiResponse.Upgrade upgrade ->
                new Response.Complete(
                        BAD_REQUEST,
                        Map.of(),
                        "a connection can only be upgraded over the network".getBytes(StandardCharsets.UTF_8));
        };
    }

    private record StreamedBody(ApiResponse.StreamBody body) implements Body {
        @Override
        public void writeTo(Sink sink) throws IOException {
            body.writeTo(new ApiResponse.StreamSink() {
                @Override
                public void write(byte[] bytes) throws IOException {
                    sink.write(bytes);
                }

                @Override
                public void flush() {
                    // every write is passed on at once
                }
            });
        }

        @Override
        public void close() {
            body.close();
        }
    }
}
