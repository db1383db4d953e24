package dev.sampan.apiserver.registry;

import dev.sampan.apiserver.AdmissionRequest.Operation;
import dev.sampan.apiserver.ApiException;
import java.util.UUID;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** POST of a new object. */
public final class Creates {

    private static final int ATTEMPTS = 8;

    private final ObjectStore store;
    private final Admission admission;
    private final GeneratedNames names;

    public Creates(ObjectStore store, Admission admission, RandomGenerator random) {
        this.store = store;
        this.admission = admission;
        this.names = new GeneratedNames(random);
    }

    /**
     * Stores a new object.
     *
     * @param served the decoded body in the served version, with structural defaults; it is consumed
     * @throws ApiException AlreadyExists, Invalid, or what admission says
     */
    public ObjectView create(WriteCall call, ObjectNode served) {
        checkNamespace(call, served);
        checkVersion(served);
        ObjectValidation.beforeConversion(call.type(), served, null);
        var object = call.type().conversion().toStorage(served);
        call.storage().rules().setDefaults(object);
        admission.mutate(call.admission(Operation.CREATE, object, null));
        boolean generated = Meta.name(object).isEmpty()
                && !Meta.text(object, "generateName").isEmpty();
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(call, generated ? names.named(object) : object);
            } catch (ApiException e) {
                if (!generated || !e.isAlreadyExists() || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private ObjectView attempt(WriteCall call, ObjectNode object) {
        var rules = call.storage().rules();
        prepare(call, object);
        try {
            ObjectValidation.ofNew(call, object);
            rules.warnings(object).forEach(call.context()::warn);
            admission.validate(call.admission(Operation.CREATE, object, null));
        } catch (RuntimeException e) {
            rules.rollBack(object, null, call.context());
            throw e;
        }
        try {
            return store(call, object);
        } catch (ApiException e) {
            if (!e.isServersFault()) { // else it may be stored
                rules.rollBack(object, null, call.context());
            }
            throw e;
        }
    }

    private ObjectView store(WriteCall call, ObjectNode object) {
        var name = Meta.name(object);
        if (call.dryRun()) {
            if (store.get(call.storage(), call.namespace(), name) != null) {
                throw ApiException.alreadyExists(call.type().resource(), name);
            }
            return ObjectView.ofStorageTree(call.type(), object);
        }
        var entry = store.create(call.type(), call.namespace(), name, StoredJson.encode(object));
        return ObjectView.of(call.type(), entry);
    }

    /** Fills what the server owns; clears what clients may not set. */
    private static void prepare(WriteCall call, ObjectNode object) {
        var storage = call.storage();
        var metadata = Meta.of(object);
        metadata.remove("deletionTimestamp");
        metadata.remove("deletionGracePeriodSeconds");
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", Meta.time(call.context().now()));
        if (storage.generation()) {
            metadata.put("generation", 1);
        } else {
            metadata.remove("generation");
        }
        if (storage.hasStatus() && !storage.rules().keepsStatusOnCreate()) {
            object.remove("status");
            if (!storage.custom()) {
                object.putObject("status");
            }
        }
        storage.rules().prepareForCreate(object, call.context());
    }

    private static void checkNamespace(WriteCall call, ObjectNode object) {
        var metadata = Meta.of(object);
        if (!call.type().namespaced()) {
            metadata.remove("namespace");
            return;
        }
        var own = Meta.namespace(object);
        if (own.isEmpty()) {
            metadata.put("namespace", call.namespace());
        } else if (!own.equals(call.namespace())) {
            throw ApiException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static void checkVersion(ObjectNode object) {
        var version = Meta.resourceVersion(object);
        if (!version.isEmpty() && !version.equals("0")) {
            throw ApiException.badRequest("resourceVersion should not be set on objects to be created");
        }
        Meta.of(object).remove("resourceVersion");
    }
}
