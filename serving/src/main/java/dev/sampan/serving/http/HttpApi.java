package dev.sampan.serving.http;

/** One of the APIs on the HTTP port. Thread-safe. */
public interface HttpApi {

    /** Whether a path belongs to this API. */
    boolean owns(String path);

    /** Answers a request; never throws. */
    HttpAnswer handle(HttpCall call);
}
