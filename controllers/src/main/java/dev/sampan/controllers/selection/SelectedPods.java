package dev.sampan.controllers.selection;

import dev.sampan.client.Informer;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Tells of pods that those who select pods by their labels have to look at: ones that come and go, change their labels, or change in what shows.
 *
 * @param shown what of a pod matters, comparable by equals
 * @param wake is told a namespace and labels; whoever selects these is to look
 */
public record SelectedPods(Function<Pod, ?> shown, BiConsumer<String, Map<String, String>> wake)
        implements Informer.Handler<Pod> {

    @Override
    public void added(Pod pod) {
        tell(pod);
    }

    @Override
    public void updated(Pod before, Pod pod) {
        if (!Selectors.labels(before).equals(Selectors.labels(pod))) {
            tell(before);
            tell(pod);
        } else if (!Objects.equals(shown.apply(before), shown.apply(pod))) {
            tell(pod);
        }
    }

    @Override
    public void deleted(Pod pod) {
        tell(pod);
    }

    private void tell(Pod pod) {
        wake.accept(pod.getMetadata().getNamespace(), Selectors.labels(pod));
    }
}
