package dev.sampan.operators.training;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A TensorFlow training, {@code kubeflow.org/v1}. */
@Group("kubeflow.org")
@Version("v1")
@Kind("TFJob")
@Plural("tfjobs")
@Singular("tfjob")
public class TFJob extends CustomResource<TFJobSpec, JobStatus> implements Namespaced {

    private static final long serialVersionUID = 1;

    @Override
    protected TFJobSpec initSpec() {
        return TFJobSpec.EMPTY;
    }

    @Override
    protected JobStatus initStatus() {
        return JobStatus.EMPTY;
    }
}
