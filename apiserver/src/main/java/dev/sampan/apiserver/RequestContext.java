package dev.sampan.apiserver;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What is known about the request that is being processed. Owned by the request's thread. */
public final class RequestContext {

    private final UserInfo user;
    private final Attributes attributes;
    private final boolean dryRun;
    private final String fieldManager;
    private final Objects objects;
    private final InstantSource clock;
    private final List<String> warnings;
    private final Map<String, String> annotations;
    private final Consumer<Attributes> authorization;

    /** A request of the server's own parts, which may do everything. */
    public RequestContext(
            UserInfo user,
            Attributes attributes,
            boolean dryRun,
            String fieldManager,
            Objects objects,
            InstantSource clock) {
        this(user, attributes, dryRun, fieldManager, objects, clock, a -> {});
    }

    /** @param authorization throws Forbidden for what the user may not do */
    RequestContext(
            UserInfo user,
            Attributes attributes,
            boolean dryRun,
            String fieldManager,
            Objects objects,
            InstantSource clock,
            Consumer<Attributes> authorization) {
        this(
                user,
                attributes,
                dryRun,
                fieldManager,
                objects,
                clock,
                new ArrayList<>(),
                new LinkedHashMap<>(),
                authorization);
    }

    private RequestContext(
            UserInfo user,
            Attributes attributes,
            boolean dryRun,
            String fieldManager,
            Objects objects,
            InstantSource clock,
            List<String> warnings,
            Map<String, String> annotations,
            Consumer<Attributes> authorization) {
        this.user = user;
        this.attributes = attributes;
        this.dryRun = dryRun;
        this.fieldManager = fieldManager;
        this.objects = objects;
        this.clock = clock;
        this.warnings = warnings;
        this.annotations = annotations;
        this.authorization = authorization;
    }

    /** The same request, made not to persist anything. */
    public RequestContext asDryRun() {
        return new RequestContext(
                user, attributes, true, fieldManager, objects, clock, warnings, annotations, authorization);
    }

    /** Goes on only when the user may do this to the same object as well. @throws ApiException Forbidden */
    public void requireAlso(String verb) {
        authorization.accept(attributes.withVerb(verb));
    }

    public UserInfo user() {
        return user;
    }

    public Attributes attributes() {
        return attributes;
    }

    /** Nothing may be persisted and nothing outside may be changed. */
    public boolean dryRun() {
        return dryRun;
    }

    /** The {@code fieldManager} parameter, else the first part of the User-Agent. */
    public String fieldManager() {
        return fieldManager;
    }

    /** The other objects of the cluster. */
    public Objects objects() {
        return objects;
    }

    public Instant now() {
        return clock.instant();
    }

    /** Tells the client something with a {@code Warning: 299} header. */
    public void warn(String text) {
        if (!warnings.contains(text)) {
            warnings.add(text);
        }
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Notes something about the request for the audit log; the first note under a key stays. */
    public void annotate(String key, String value) {
        annotations.putIfAbsent(key, value);
    }

    /** What was noted for the audit log. */
    public Map<String, String> annotations() {
        return Map.copyOf(annotations);
    }
}
