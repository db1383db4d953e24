package dev.sampan.serving.grpc;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;

/** Services with some of their methods replaced; reflection goes on describing them. */
public final class Services {
    private Services() {}

    /** The same service with this method in place of the one of its name. */
    public static ServerServiceDefinition replace(
            ServerServiceDefinition service, ServerMethodDefinition<?, ?> method) {
        var name = method.getMethodDescriptor().getFullMethodName();
        var old = service.getServiceDescriptor();
        var descriptor = ServiceDescriptor.newBuilder(old.getName()).setSchemaDescriptor(old.getSchemaDescriptor());
        for (var known : old.getMethods()) {
            descriptor.addMethod(known.getFullMethodName().equals(name) ? method.getMethodDescriptor() : known);
        }
        var copy = ServerServiceDefinition.builder(descriptor.build());
        for (ServerMethodDefinition<?, ?> known : service.getMethods()) {
            if (known.getMethodDescriptor().getFullMethodName().equals(name)) {
                copy.addMethod(method);
            } else {
                copy.addMethod(known);
            }
        }
        return copy.build();
    }
}
