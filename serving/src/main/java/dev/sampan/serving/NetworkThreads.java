package dev.sampan.serving;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The threads that look after gRPC's connections, one for each processor. They must not be kept long. */
final class NetworkThreads implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("grpc-", 0).factory(),
            NioIoHandler.newFactory());

    EventLoopGroup group() {
        return group;
    }

    /**
     * Runs a task in the thread that hands it over, after that has read what has arrived for it; no other thread is woken up.
     *
     * @param others runs the tasks of all other threads
     */
    Executor afterReading(Executor others) {
        return task -> {
            for (var thread : group) {
                if (thread.inEventLoop()) {
                    thread.execute(task);
                    return;
                }
            }
            others.execute(task);
        };
    }

    @Override
    public void close() {
        var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
