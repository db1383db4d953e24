package dev.sampan.apiserver.flowcontrol;

import dev.sampan.apiserver.ApiException;
import dev.sampan.apiserver.ApiRequest;
import dev.sampan.apiserver.Attributes;
import dev.sampan.apiserver.RequestGate;
import dev.sampan.apiserver.UserInfo;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Two plain bounds, one for reading and one for writing requests, for servers without priority and fairness. */
public final class InFlightLimits implements RequestGate {

    private static final Set<String> READING = Set.of("get", "list");

    private final int maxReading;
    private final int maxWriting;
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger writing = new AtomicInteger();

    /** 0 is no bound. */
    public InFlightLimits(int maxReading, int maxWriting) {
        this.maxReading = maxReading;
        this.maxWriting = maxWriting;
    }

    @Override
    public Pass enter(UserInfo user, Attributes attributes, ApiRequest request) {
        boolean reads = READING.contains(attributes.verb()) || !attributes.isResourceRequest();
        int max = reads ? maxReading : maxWriting;
        var count = reads ? reading : writing;
        if (max == 0 || attributes.verb().equals("watch")) {
            return Pass.FREE;
        }
        if (count.incrementAndGet() > max && !user.inGroup(UserInfo.MASTERS)) {
            count.decrementAndGet();
            throw ApiException.tooManyRequests("Too many requests, please try again later.", 1);
        }
        return count::decrementAndGet;
    }
}
