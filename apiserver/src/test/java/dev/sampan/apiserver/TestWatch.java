package dev.sampan.apiserver;

import dev.sampan.schema.codec.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A watch that collects what it is told. */
public final class TestWatch implements AutoCloseable {

    private final ApiResponse.Stream stream;
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final ReentrantLock reading = new ReentrantLock();
    private final Thread reader;

    TestWatch(ApiResponse.Stream stream) {
        this.stream = stream;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try {
            stream.body().writeTo(new ApiResponse.StreamSink() {
                @Override
                public void write(byte[] bytes) {
                    reading.lock();
                    reading.unlock();
                    events.add(Json.read(bytes).tree());
                }

                @Override
                public void flush() {}
            });
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first events, as {@code TYPE name}, once there are that many. */
    public List<String> first(int count) {
        await(count);
        return events.stream().limit(count).map(TestWatch::brief).toList();
    }

    public JsonNode event(int index) {
        await(index + 1);
        return events.get(index);
    }

    /** Asks the clock only when the events are not there yet. */
    private void await(int count) {
        if (events.size() < count) {
            Awaitility.await().until(() -> events.size() >= count);
        }
    }

    /** Stops reading until {@link #resume}, which the same thread has to call. */
    void pause() {
        reading.lock();
    }

    void resume() {
        reading.unlock();
    }

    public int count() {
        return events.size();
    }

    public boolean ended() {
        return !reader.isAlive();
    }

    private static String brief(JsonNode event) {
        return event.path("type").asString("") + " "
                + event.path("object").path("metadata").path("name").asString("");
    }

    @Override
    public void close() {
        stream.body().close();
    }
}
