package dev.sampan.apiserver.kinds;

import dev.sampan.apiserver.ApiResponse;
import dev.sampan.apiserver.Status;
import java.util.List;
import java.util.Map;

/** Answers of subresources that change something and have nothing to show. */
final class Answers {

    private Answers() {}

    /** 201 with a Status that says Success. */
    static ApiResponse created() {
        return new ApiResponse.Complete(
                201,
                Map.of("content-type", List.of("application/json")),
                success(201).toBytes());
    }

    private static Status success(int code) {
        return new Status(code, "", "", null);
    }
}
